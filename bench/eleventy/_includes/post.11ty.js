import { day, frame, terms } from "./html.js";

export function render({ title, description, page, content, categories, tags }) {
  const main = `<p><time>${day(page.date)}</time></p>
${content}
${terms("categories", categories)}
${terms("tags", tags)}`;
  return frame({ title, description, url: page.url, type: "article" }, main);
}
