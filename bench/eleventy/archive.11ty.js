import { day, escape, frame, pager } from "./_includes/html.js";

export const data = {
  pagination: { data: "collections.posts", size: 500 },
  permalink: ({ pagination: { pageNumber } }) => (pageNumber ? `/archive/page/${pageNumber + 1}/` : "/archive/"),
  eleventyExcludeFromCollections: true,
};

export function render({ pagination: { items, pageNumber, pages }, page }) {
  const line = (post) => `<li><time>${day(post.date)}</time> <a href="${post.url}">${escape(post.data.title)}</a></li>`;
  const main = `<ul>\n${items.map(line).join("\n")}\n</ul>\n${pager("/archive/", pageNumber + 1, pages.length)}`;
  return frame({ title: "Archive", url: page.url }, main);
}
