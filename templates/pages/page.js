"use strict";
// What all pages do alike. The page's own script follows, with its WORDS in each language.
const at = (id) => document.getElementById(id);
let words = {};
let shown = {};

// Takes the first of these languages that there are words in, and answers which.
function speak(tags) {
  const tag = tags.map((one) => one.toLowerCase().split("-")[0]).find((one) => WORDS[one]) || "en";
  words = WORDS[tag];
  document.documentElement.lang = tag;
  document.documentElement.dir = tag === "he" ? "rtl" : "ltr";
  return tag;
}

function say(key) {
  return (words[key] || words.failed).replace(/\{(\w+)\}/g, (_, name) => shown[name] || "");
}

// Without a button there is nothing more to do.
function show(title, lead, button) {
  at("title").textContent = document.title = say(title);
  at("lead").textContent = say(lead);
  at("send").textContent = button ? say(button) : "";
  at("form").hidden = !button;
}

function post(path, body) {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

