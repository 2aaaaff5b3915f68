/** rich_text blocks: text here is literal, whatever it holds. */

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelMention, dateToken, link, userMention } from "./mrkdwn.js";

/** @param {{elements: object[]}} block @returns {HTMLElement[]} */
export function richText(block) {
  const made = [];
  const open = []; // the lists that a deeper one may still join, outermost first
  for (const part of block.elements) {
    if (part.type !== "rich_text_list") open.length = 0;
    if (part.type === "rich_text_section") made.push(h("p", {}, inline(part.elements)));
    else if (part.type === "rich_text_quote") made.push(h("blockquote", {}, inline(part.elements)));
    else if (part.type === "rich_text_preformatted")
      made.push(h("pre", {}, h("code", {}, inline(part.elements))));
    else if (part.type === "rich_text_list") nest(part, open, made);
  }
  return made;
}

/** Slack sends a nested list as lists in a row with growing indents; the page nests them again. */
function nest(part, open, made) {
  const depth = part.indent ?? 0;
  const start = part.offset ? part.offset + 1 : null;
  const items = part.elements.map((item) => h("li", {}, inline(item.elements)));
  const list = h(part.style === "ordered" ? "ol" : "ul", { start }, items);
  const parent = depth > 0 && open.slice(0, depth).findLast(Boolean);
  if (parent) parent.lastElementChild.append(list);
  else made.push(list);
  open.length = depth;
  open[depth] = list;
}

/** The inline elements of a section, a list's item, a quote or a table's cell. @param {object[]} elements */
export function inline(elements) {
  return elements.map((element) => styled(element, content(element)));
}

function content(element) {
  switch (element.type) {
    case "text":
      return lines(element.text);
    case "link":
      return link(element.url, element.text);
    case "emoji":
      return emoji(element.name) ?? `:${element.name}:`;
    case "user":
      return userMention(element.user_id);
    case "usergroup":
      return h("span", { class: "mention" }, "@team");
    case "channel":
      return channelMention(element.channel_id);
    case "broadcast":
      return h("span", { class: "mention mention-loud" }, `@${element.range}`);
    case "date":
      return dateToken(element.timestamp, element.format, element.fallback);
    case "color":
      return h("code", {}, element.value);
    default:
      return element.text ?? "";
  }
}

/** @param {string} text */
function lines(text) {
  return text.split("\n").map((line, index) => [index > 0 && h("br"), line]);
}

function styled(element, node) {
  const { bold, italic, strike, code, underline } = element.style ?? {};
  let made = node;
  if (code) made = h("code", {}, made);
  if (strike) made = h("s", {}, made);
  if (underline) made = h("u", {}, made);
  if (italic) made = h("em", {}, made);
  if (bold) made = h("strong", {}, made);
  return made;
}
