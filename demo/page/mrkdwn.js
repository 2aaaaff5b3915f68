/** Slack's mrkdwn as elements. What is escaped stays text; only <…> tokens link, mention or tell a time. */

import { formatDate, inFull } from "./dates.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelName, messageAt, openChannel, userName } from "./directory.js";
import { visit } from "./state.js";

const MARKS = { "*": "strong", _: "em", "~": "s" };
const QUOTED = /^(?:>|&gt;) ?/;
const WORD = /[\p{L}\p{N}]/u;

/** @param {string} text @param {boolean} [verbatim] bare addresses are not linked @returns {Node[]} */
export function mrkdwn(text, verbatim = false) {
  return text.split("```").flatMap((part, index) => {
    if (index % 2 === 1)
      return [h("pre", {}, h("code", {}, inline(part.replace(/^\n/, ""), { code: true })))];
    return part === "" ? [] : paragraphs(part, { verbatim });
  });
}

/** A link: to a message here, else out of the page; plain text where the address is none we would follow. */
export function link(address, label) {
  if (!/^(https?:|mailto:|tel:)/i.test(address)) return document.createTextNode(label ?? address);
  const message = messageAt(address);
  if (message) {
    const go = {
      click: (event) => {
        event.preventDefault();
        visit(message.channel, message.ts);
      },
    };
    return h("a", { href: message.path, on: go }, label || address);
  }
  const plain = address.replace(/^(mailto|tel):/i, "");
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label || plain);
}

/** @param {string} id @param {string} [known] the name that the message itself gives */
export function userMention(id, known) {
  return h("span", { class: "mention" }, `@${userName(id) ?? known ?? id}`);
}

/** @param {string} id @param {string} [known] */
export function channelMention(id, known) {
  const name = `#${channelName(id) ?? known ?? id}`;
  const go = { click: () => openChannel(id) };
  return h("button", { type: "button", class: "mention mention-channel", on: go }, name);
}

/** A moment in the reader's zone, the whole of it in its tooltip. */
export function dateToken(seconds, template, fallback) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return document.createTextNode(fallback ?? "");
  const text = formatDate(seconds, template);
  return h("time", { datetime: date.toISOString(), title: inFull(date) }, text);
}

function paragraphs(part, mode) {
  const nodes = [];
  const lines = part.replace(/^\n|\n$/g, "").split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    if (!QUOTED.test(lines[at])) {
      if (at > 0 && !QUOTED.test(lines[at - 1])) nodes.push(h("br"));
      nodes.push(...inline(lines[at], mode));
      continue;
    }
    const quoted = [];
    while (at < lines.length && QUOTED.test(lines[at])) quoted.push(lines[at++].replace(QUOTED, ""));
    at -= 1;
    nodes.push(
      h(
        "blockquote",
        {},
        quoted.map((line, index) => [index > 0 && h("br"), inline(line, mode)]),
      ),
    );
  }
  return nodes;
}

function inline(text, mode) {
  const nodes = [];
  let plain = "";
  for (let at = 0; at < text.length;) {
    const [node, length] = tokenAt(text, at, mode) ?? [];
    if (!node) {
      plain += text[at++];
      continue;
    }
    if (plain) nodes.push(document.createTextNode(unescape(plain)));
    plain = "";
    nodes.push(node);
    at += length;
  }
  if (plain) nodes.push(document.createTextNode(unescape(plain)));
  return nodes;
}

/** The element that begins at `at` and how many characters it takes, or nothing. */
function tokenAt(text, at, mode) {
  const rest = text.slice(at);
  const angle = text[at] === "<" && rest.match(/^<([^<>]+)>/);
  if (angle) return [angled(angle[1]), angle[0].length];
  if (mode.code) return undefined;
  const code = text[at] === "`" && rest.match(/^`([^`\n]+)`/);
  if (code) return [h("code", {}, inline(code[1], { code: true })), code[0].length];
  const named = text[at] === ":" && rest.match(/^:([a-z0-9_+-]+)(?:::skin-tone-\d)?:/);
  if (named && emoji(named[1])) return [document.createTextNode(emoji(named[1])), named[0].length];
  const bare =
    text[at] === "h" &&
    !mode.verbatim &&
    !WORD.test(text[at - 1] ?? " ") &&
    rest.match(/^https?:\/\/[^\s<>|*]+/);
  if (bare) return [link(unescape(bare[0])), bare[0].length];
  return marked(text, at, mode);
}

function marked(text, at, mode) {
  const tag = MARKS[text[at]];
  if (!tag || WORD.test(text[at - 1] ?? " ") || /\s/.test(text[at + 1] ?? " ")) return undefined;
  for (let end = text.indexOf(text[at], at + 2); end > 0; end = text.indexOf(text[at], end + 1)) {
    if (/\s/.test(text[end - 1]) || WORD.test(text[end + 1] ?? " ")) continue;
    return [h(tag, {}, inline(text.slice(at + 1, end), mode)), end + 1 - at];
  }
  return undefined;
}

function angled(token) {
  const [target, ...labels] = token.split("|");
  const label = labels.length > 0 ? unescape(labels.join("|")) : undefined;
  if (target.startsWith("@")) return userMention(target.slice(1), label);
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!date^")) {
    const [, seconds, template, address] = target.split("^");
    const time = dateToken(Number(seconds), template, label);
    return address
      ? h("a", { href: safe(address), target: "_blank", rel: "noopener noreferrer" }, time)
      : time;
  }
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, label ?? "@team");
  if (target.startsWith("!"))
    return h("span", { class: "mention mention-loud" }, `@${label ?? target.slice(1)}`);
  return link(unescape(target), label);
}

const safe = (address) => (/^https?:/i.test(address) ? address : null);

const unescape = (text) =>
  text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
