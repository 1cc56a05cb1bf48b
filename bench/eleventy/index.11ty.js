import { frame, list, pager, SITE } from "./_includes/html.js";

export const data = {
  pagination: { data: "collections.posts", size: 20 },
  permalink: ({ pagination: { pageNumber } }) => (pageNumber ? `/page/${pageNumber + 1}/` : "/"),
  eleventyExcludeFromCollections: true,
};

export function render({ pagination, page }) {
  const { items, pageNumber, pages } = pagination;
  return frame({ title: SITE.title, url: page.url }, list(items) + pager("/", pageNumber + 1, pages.length));
}
