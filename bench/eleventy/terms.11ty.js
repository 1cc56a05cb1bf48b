import { escape, frame } from "./_includes/html.js";

export const data = {
  kinds: ["tags", "categories"],
  pagination: { data: "kinds", size: 1, alias: "kind" },
  permalink: ({ kind }) => `/${kind}/`,
  eleventyExcludeFromCollections: true,
};

export function render({ kind, collections, page }) {
  const lines = collections.termPages
    .filter((term) => term.kind === kind && term.number === 1)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((term) => `<li><a href="${term.url}">${escape(term.name)}</a> ${term.count}</li>`);
  return frame({ title: kind, url: page.url }, `<ul>\n${lines.join("\n")}\n</ul>`);
}
