import { frame, list, pager } from "./_includes/html.js";

export const data = {
  pagination: { data: "collections.termPages", size: 1, alias: "term" },
  permalink: ({ term }) => term.url,
  eleventyExcludeFromCollections: true,
};

export function render({ term: { name, url, base, number, total, shown } }) {
  return frame({ title: name, url }, list(shown) + pager(base, number, total));
}
