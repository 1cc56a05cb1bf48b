import { frame } from "./_includes/html.js";

export const data = { permalink: "/404.html", eleventyExcludeFromCollections: true };

export const render = ({ page }) => frame({ title: "Not found", url: page.url }, '<p><a href="/">Home</a></p>');
