/** The page's icons: strokes on a 20 × 20 grid, hidden from screen readers; their buttons carry the words. */

import { svg } from "./dom.js";

const STROKES = {
  hash: ["M7.5 3 6 17", "M14 3l-1.5 14", "M3.5 7.5h13.5", "M3 12.5h13.5"],
  home: ["M3 9.2 10 3.5l7 5.7", "M5 8.5V16.5h10V8.5"],
  reply: ["M4 5.5h12v8.5H9.5L6 17v-3H4z"],
  close: ["M5 5l10 10", "M15 5 5 15"],
  menu: ["M3.5 5.5h13", "M3.5 10h13", "M3.5 14.5h13"],
  more: ["M4.6 10h.01", "M10 10h.01", "M15.4 10h.01"],
  down: ["M5.5 8l4.5 4.5L14.5 8"],
  check: ["M4.5 10.5l3.6 3.7L15.5 6"],
  send: ["M3.5 10 16.5 4l-4 12.5-3-5z", "M9.5 11.5 16.5 4"],
  plus: ["M10 4v12", "M4 10h12"],
  sun: [
    "M10 6.6a3.4 3.4 0 1 0 0 6.8a3.4 3.4 0 0 0 0-6.8",
    "M10 1.8v2",
    "M10 16.2v2",
    "M1.8 10h2",
    "M16.2 10h2",
    "M4.2 4.2l1.4 1.4",
    "M14.4 14.4l1.4 1.4",
    "M4.2 15.8l1.4-1.4",
    "M14.4 5.6l1.4-1.4",
  ],
  moon: ["M16.5 11.6A6.8 6.8 0 0 1 8.4 3.5a6.8 6.8 0 1 0 8.1 8.1z"],
  log: ["M4 3.5h12v13H4z", "M7 7.5h6", "M7 10.5h6", "M7 13.5h3.5"],
  guide: [
    "M10 2.8a7.2 7.2 0 1 0 0 14.4a7.2 7.2 0 0 0 0-14.4",
    "M8 8a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4",
    "M10 13.9h.01",
  ],
  back: ["M12 4.5 6.5 10l5.5 5.5"],
  eye: ["M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5z", "M10 8a2 2 0 1 0 0 4a2 2 0 0 0 0-4"],
  file: ["M5 2.8h6.5L15 6.5v10.7H5z", "M11.5 2.8v3.7H15"],
};

/** @param {keyof typeof STROKES} name */
export function icon(name) {
  const strokes = STROKES[name].map((d) => svg("path", { d }));
  return svg("svg", { viewBox: "0 0 20 20", class: `icon icon-${name}`, "aria-hidden": "true" }, strokes);
}

/** The page's mark: a loop that is about to close. */
export function mark() {
  return svg(
    "svg",
    { viewBox: "0 0 32 32", class: "mark", "aria-hidden": "true" },
    svg("path", { d: "M22.4 7.2A11 11 0 1 0 27 16", class: "mark-loop" }),
    svg("circle", { cx: 25.6, cy: 10.2, r: 3, class: "mark-dot" }),
  );
}
