import { day, SITE } from "./_includes/html.js";

export const data = { permalink: "/sitemap.xml", eleventyExcludeFromCollections: true };

export function render({ collections: { posts, termPages } }) {
  const lists = ["/", "/archive/", "/tags/", "/categories/", ...termPages.map((term) => term.url)];
  const lines = [
    ...lists.map((url) => `<url><loc>${SITE.url}${url}</loc></url>`),
    ...posts.map((post) => `<url><loc>${SITE.url}${post.url}</loc><lastmod>${day(post.date)}</lastmod></url>`),
  ];
  return `<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${lines.join("\n")}
</urlset>
`;
}
