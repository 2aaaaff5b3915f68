/**
 * Builds elements. Strings become text nodes and attributes, never markup:
 * whatever a customer wrote passes through here and stays text.
 */

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "tabIndex", "inert", "readOnly"]);

/** @typedef {Node|string|number|null|undefined|false|Child[]} Child */

/**
 * An HTML element. `on` holds listeners by event; a property that is null or false is left out.
 * @param {string} tag
 * @param {Object<string, any>} [props]
 * @param {...Child} children
 * @returns {any}
 */
export function h(tag, props = {}, ...children) {
  return furnish(document.createElement(tag), props, children);
}

/**
 * An SVG element, made as `h` makes HTML.
 * @param {string} tag
 * @param {Object<string, any>} [props]
 * @param {...Child} children
 * @returns {any}
 */
export function svg(tag, props = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), props, children);
}

/** A fragment of the children, flattened. @param {...Child} children */
export function fragment(...children) {
  const made = document.createDocumentFragment();
  append(made, children);
  return made;
}

/** Makes the children the only content of the node. @param {Element} node @param {...Child} children */
export function fill(node, ...children) {
  node.replaceChildren(fragment(...children));
  return node;
}

/** An id that no other element of the page has. @param {string} prefix */
export function uniqueId(prefix) {
  uniqueId.last = (uniqueId.last ?? 0) + 1;
  return `${prefix}-${uniqueId.last}`;
}

function furnish(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(node.dataset, value);
    } else if (PROPERTIES.has(name)) {
      node[name] = value;
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(node, child);
    else if (child !== null && child !== undefined && child !== false) {
      node.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
  }
}
