// Pieces of HTML that the templates share.

export const SITE = { title: "Bench", url: "https://bench.example", description: "A blog that nobody wrote." };

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export const escape = (text) => String(text).replace(/[&<>"]/g, (found) => ENTITIES[found]);

export const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

export const day = (date) => date.toISOString().slice(0, 10);

/** A whole page. */
export function frame({ title, description = SITE.description, url, type = "website" }, main) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)} – ${SITE.title}</title>
<meta name="description" content="${escape(description)}">
<link rel="canonical" href="${SITE.url}${url}">
<meta property="og:type" content="${type}">
<meta property="og:title" content="${escape(title)}">
<meta property="og:description" content="${escape(description)}">
<meta property="og:url" content="${SITE.url}${url}">
<link rel="alternate" type="application/atom+xml" href="${SITE.url}/atom.xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<nav><a href="/">${SITE.title}</a> <a href="/categories/">Categories</a> <a href="/tags/">Tags</a> <a href="/archive/">Archive</a></nav>
<main>
<h1>${escape(title)}</h1>
${main}
</main>
</body>
</html>
`;
}

/** Posts with their descriptions. */
export function list(posts) {
  const article = (post) => `<article>
<h2><a href="${post.url}">${escape(post.data.title)}</a></h2>
<p><time>${day(post.date)}</time> ${escape(post.data.description)}</p>
</article>`;
  return posts.map(article).join("\n");
}

/** The way to the pages before and after. */
export function pager(base, number, total) {
  const url = (to) => (to === 1 ? base : `${base}page/${to}/`);
  const newer = number > 1 ? `<a rel="prev" href="${url(number - 1)}">Newer</a> ` : "";
  const older = number < total ? ` <a rel="next" href="${url(number + 1)}">Older</a>` : "";
  return `<p>${newer}${number} of ${total}${older}</p>`;
}

/** Links to terms. */
export function terms(kind, names) {
  return `<p>${names.map((name) => `<a href="/${kind}/${slug(name)}/">${escape(name)}</a>`).join(" ")}</p>`;
}
