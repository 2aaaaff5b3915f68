/** Times as the reader sees them: in the zone of the machine that shows the page, on the clock of their language. */

import { state } from "./state.js";

const LOCALE = navigator.languages.find((language) => language.startsWith("en")) ?? "en-GB";
const MINUTE = 60_000;
const DAY = 86_400_000;
const AGO = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });

/** The reader's zone, such as Europe/Stockholm. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const format = (date, options, locale = LOCALE) =>
  new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options }).format(date);

/** A time as whoever reads in another language than English is used to it. */
function clock(date, options) {
  const locale = state.me?.locale ?? LOCALE;
  return format(date, options, locale.startsWith("en") ? LOCALE : locale);
}

/** The moment of a message's ts. @param {string} ts */
export const momentOf = (ts) => new Date(Number(ts) * 1000);

/** The time of day. @param {Date} date */
export const timeOfDay = (date) => clock(date, { hour: "numeric", minute: "2-digit" });

/** Day, date and time, for tooltips and screen readers. @param {Date} date */
export const inFull = (date) => format(date, { dateStyle: "full", timeStyle: "short" });

/** The local day as YYYY-MM-DD. @param {Date} date */
export function dayKey(date) {
  const { year, month, day } = parts(date);
  return `${year}-${month}-${day}`;
}

/** Today, Yesterday, Tomorrow, or the date. @param {Date} date */
export function dayName(date) {
  return nearDay(date, true) ?? format(date, { weekday: "long", day: "numeric", month: "long" });
}

/**
 * A `<!date^…>` or a rich text date: each {token} replaced as the reader would write it.
 * @param {number} timestamp seconds since 1970
 * @param {string} template such as "due {date_short_pretty} at {time}"
 */
export function formatDate(timestamp, template) {
  const date = new Date(timestamp * 1000);
  return template.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(date) ?? whole);
}

/** The epoch seconds of a wall time (YYYY-MM-DDTHH:MM) in the reader's zone. @param {string} wall */
export function fromWall(wall) {
  const asUtc = Date.parse(`${wall}:00Z`);
  const guess = asUtc - offsetAt(asUtc);
  return Math.round((asUtc - offsetAt(guess)) / 1000);
}

/** The wall time (YYYY-MM-DDTHH:MM) of epoch seconds in the reader's zone. @param {number} seconds */
export function toWall(seconds) {
  const { year, month, day, hour, minute } = parts(new Date(seconds * 1000));
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

/** The time passed, in one word or two. @param {Date} date @param {number} [now] */
export function ago(date, now = Date.now()) {
  const minutes = Math.round((date.getTime() - now) / MINUTE);
  if (Math.abs(minutes) < 60) return AGO.format(minutes, "minute");
  if (Math.abs(minutes) < 48 * 60) return AGO.format(Math.round(minutes / 60), "hour");
  return AGO.format(Math.round(minutes / 1440), "day");
}

function offsetAt(utc) {
  const { year, month, day, hour, minute } = parts(new Date(utc));
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  return wall - Math.floor(utc / MINUTE) * MINUTE;
}

function parts(date) {
  const options = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  const made = new Intl.DateTimeFormat("en-CA", {
    timeZone: ZONE,
    hourCycle: "h23",
    ...options,
  }).formatToParts(date);
  return Object.fromEntries(made.map(({ type, value }) => [type, value]));
}

function nearDay(date, capital) {
  const days = Math.round((Date.parse(dayKey(date)) - Date.parse(dayKey(new Date()))) / DAY);
  const name = { 0: "today", 1: "tomorrow", "-1": "yesterday" }[days];
  return name && capital ? name[0].toUpperCase() + name.slice(1) : name;
}

const DATE = (date) => format(date, { year: "numeric", month: "long", day: "numeric" });
const DATE_SHORT = (date) => format(date, { year: "numeric", month: "short", day: "numeric" });
const DATE_LONG = (date) => format(date, { weekday: "long", year: "numeric", month: "long", day: "numeric" });
const pretty = (plain) => (date) => nearDay(date, false) ?? plain(date);

const TOKENS = {
  date_num: dayKey,
  date_slash: (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: DATE,
  date_short: DATE_SHORT,
  date_long: DATE_LONG,
  date_long_full: DATE,
  date_pretty: pretty(DATE),
  date_short_pretty: pretty(DATE_SHORT),
  date_long_pretty: pretty(DATE_LONG),
  day_divider_pretty: pretty(DATE_LONG),
  time: timeOfDay,
  time_secs: (date) => clock(date, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago: (date) => ago(date),
};
