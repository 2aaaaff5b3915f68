/** data_visualization blocks as quiet charts; the figures stand in a table for those who do not see them. */

import { h, svg } from "./dom.js";

const WIDTH = window.innerWidth < 600 ? 300 : 560; // narrower on a phone, so that its figures can be read
const HEIGHT = 210;
const PLOT = { left: 44, right: 12, top: 12, bottom: 30 };
const NUMBER = new Intl.NumberFormat("en");

/** @param {{title: string, chart: any}} block */
export function chart({ title, chart: spec }) {
  const picture = spec.type === "pie" ? pie(spec) : plot(spec);
  const names =
    spec.type === "pie" ? spec.segments.map(({ label }) => label) : spec.series.map(({ name }) => name);
  const legend =
    names.length > 1 &&
    h(
      "ul",
      { class: "legend", "aria-hidden": "true" },
      names.map((name, index) => h("li", {}, h("span", { class: `swatch tint-${index % 6}` }), name)),
    );
  return h("figure", { class: "chart" }, h("figcaption", {}, title), picture, legend, figures(spec, title));
}

function figures(spec, title) {
  const { names, rows } = spec.type === "pie" ? sliceFigures(spec) : pointFigures(spec);
  const columns = names.map((name) => h("th", { scope: "col" }, name));
  const body = rows.map(([name, ...values]) => {
    const cells = values.map((value) => h("td", {}, value));
    return h("tr", {}, h("th", { scope: "row" }, name), cells);
  });
  const head = h("thead", {}, h("tr", {}, h("td"), columns));
  return h("table", { class: "sr-only" }, h("caption", {}, title), head, h("tbody", {}, body));
}

const sliceFigures = ({ segments }) => ({
  names: ["Value"],
  rows: segments.map(({ label, value }) => [label, value]),
});

const pointFigures = ({ series, axis_config: { categories } }) => ({
  names: series.map(({ name }) => name),
  rows: categories.map((category) => [category, ...series.map((each) => valueAt(each, category))]),
});

const valueAt = ({ data }, category) => data.find(({ label }) => label === category)?.value ?? 0;

function pie({ segments }) {
  const total = segments.reduce((sum, { value }) => sum + value, 0);
  let from = 0;
  const slices = segments.map(({ label, value }, index) => {
    const share = value / total;
    const ring = svg(
      "circle",
      {
        class: `slice stroke-${index % 6}`,
        cx: 0,
        cy: 0,
        r: 70,
        pathLength: 1,
        transform: `rotate(${from * 360 - 90})`,
        "stroke-dasharray": `${share} ${1 - share}`,
      },
      svg("title", {}, `${label}: ${NUMBER.format(value)}`),
    );
    from += share;
    return ring;
  });
  return svg("svg", { class: "pie", viewBox: "-105 -105 210 210", "aria-hidden": "true" }, slices);
}

function plot(spec) {
  const { categories, x_label: xLabel, y_label: yLabel } = spec.axis_config;
  const values = spec.series.flatMap(({ data }) => data.map(({ value }) => value));
  const ticks = niceTicks(Math.min(0, ...values), Math.max(0, ...values));
  const scale = scales(categories.length, ticks);
  const grid = ticks.map((tick) => [
    svg("line", {
      class: tick === 0 ? "axis" : "grid",
      x1: PLOT.left,
      x2: WIDTH - PLOT.right,
      y1: scale.y(tick),
      y2: scale.y(tick),
    }),
    svg(
      "text",
      { class: "tick", x: PLOT.left - 6, y: scale.y(tick) + 4, "text-anchor": "end" },
      NUMBER.format(tick),
    ),
  ]);
  const every = Math.ceil(categories.length / (WIDTH / 70));
  const names = categories.map(
    (name, index) =>
      index % every === 0 &&
      svg("text", { class: "tick", x: scale.x(index), y: HEIGHT - 10, "text-anchor": "middle" }, name),
  );
  const shapes = spec.series.map((series, index) => shape(spec, series, index, scale));
  const picture = svg(
    "svg",
    { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
    grid,
    names,
    shapes,
  );
  const axes = [yLabel, xLabel].filter(Boolean).join(" by ");
  return [axes && h("p", { class: "chart-axes" }, axes), picture];
}

function shape(spec, series, index, scale) {
  const points = spec.axis_config.categories.map((category, at) => ({
    category,
    at,
    value: valueAt(series, category),
  }));
  const tint = index % 6;
  if (spec.type === "bar") {
    const width = (scale.band * 0.62) / spec.series.length;
    return points.map(({ category, at, value }) =>
      svg(
        "rect",
        {
          class: `fill-${tint}`,
          rx: 2,
          width,
          height: Math.abs(scale.y(value) - scale.y(0)),
          x: scale.x(at) - (width * spec.series.length) / 2 + width * index,
          y: Math.min(scale.y(value), scale.y(0)),
        },
        svg("title", {}, `${series.name}, ${category}: ${NUMBER.format(value)}`),
      ),
    );
  }
  const line = points.map(({ at, value }) => `${scale.x(at)},${scale.y(value)}`);
  const floor = [`${scale.x(points.length - 1)},${scale.y(0)}`, `${scale.x(0)},${scale.y(0)}`];
  return [
    spec.type === "area" &&
      svg("polygon", { class: `area fill-${tint}`, points: [...line, ...floor].join(" ") }),
    svg("polyline", { class: `line stroke-${tint}`, points: line.join(" ") }),
    points.map(({ category, at, value }) =>
      svg(
        "circle",
        { class: `fill-${tint}`, cx: scale.x(at), cy: scale.y(value), r: 3.2 },
        svg("title", {}, `${series.name}, ${category}: ${NUMBER.format(value)}`),
      ),
    ),
  ];
}

function scales(count, ticks) {
  const [low, high] = [ticks[0], ticks.at(-1)];
  const band = (WIDTH - PLOT.left - PLOT.right) / count;
  const tall = HEIGHT - PLOT.top - PLOT.bottom;
  return {
    band,
    x: (index) => PLOT.left + band * (index + 0.5),
    y: (value) => PLOT.top + tall * (1 - (value - low) / (high - low)),
  };
}

/** About four round numbers from at most `low` to at least `high`. */
function niceTicks(low, high) {
  const rough = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough);
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}
