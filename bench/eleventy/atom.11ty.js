import { escape, SITE } from "./_includes/html.js";

export const data = { permalink: "/atom.xml", eleventyExcludeFromCollections: true };

export function render({ collections: { posts } }) {
  const entry = (post) => `<entry>
<title>${escape(post.data.title)}</title>
<id>${SITE.url}${post.url}</id>
<link href="${SITE.url}${post.url}"/>
<updated>${post.date.toISOString()}</updated>
<content type="html">${escape(post.content)}</content>
</entry>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>${SITE.title}</title>
<id>${SITE.url}/</id>
<author><name>${SITE.title}</name></author>
<updated>${posts[0].date.toISOString()}</updated>
${posts.slice(0, 20).map(entry).join("\n")}
</feed>
`;
}
