// The same site as the other engines make here. Layouts are functions, Eleventy's quickest kind.
import highlight from "@11ty/eleventy-plugin-syntaxhighlight";

import { slug } from "./_includes/html.js";

const PER_PAGE = 20;

/** Every page of every tag and category: Eleventy cannot page within what it pages. */
function termPages(posts) {
  const pages = [];
  for (const kind of ["tags", "categories"]) {
    const terms = new Map();
    for (const post of posts) {
      for (const name of post.data[kind]) {
        if (!terms.has(name)) terms.set(name, []);
        terms.get(name).push(post);
      }
    }
    for (const [name, members] of terms) {
      const base = `/${kind}/${slug(name)}/`;
      const total = Math.ceil(members.length / PER_PAGE);
      for (let number = 1; number <= total; number++) {
        const shown = members.slice((number - 1) * PER_PAGE, number * PER_PAGE);
        const url = number === 1 ? base : `${base}page/${number}/`;
        pages.push({ kind, name, base, url, number, total, shown, count: members.length });
      }
    }
  }
  return pages;
}

export default function (config) {
  config.addPlugin(highlight);
  config.amendLibrary("md", (markdown) => markdown.set({ typographer: true }));
  config.addPassthroughCopy("style.css");

  let sorted;
  config.on("eleventy.before", () => {
    sorted = undefined;
  });
  const posts = (api) =>
    (sorted ??= api.getFilteredByGlob("posts/*.md").sort((a, b) => b.date - a.date));
  config.addCollection("posts", posts);
  config.addCollection("termPages", (api) => termPages(posts(api)));

  // The text of posts is no template.
  return { markdownTemplateEngine: false };
}
