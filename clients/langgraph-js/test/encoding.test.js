// Escapes: reversible on any text, and nothing that jsonb refuses is left.

import assert from "node:assert/strict";
import { test } from "node:test";

// Inside of the package, whichever is tested.
const inside = new URL("encoding.js", import.meta.resolve("threadmem-langgraph"));
const { escapeJson, escapeText, unescapeJson } = await import(inside);

const refused = /\0|\p{Surrogate}/u;
const pieces = [
  "\0",
  "\u001a",
  "\ud83d",
  "\ude00",
  "\u{1f600}",
  "0",
  "0000",
  "001a",
  "d83d",
  "\\",
  "u",
  "\\u0000",
  '"',
  "\n",
  "a",
  "é",
];

/** Every text of up to three of the pieces, and long random ones that are the same in every run. */
function* texts() {
  for (const a of ["", ...pieces]) for (const b of ["", ...pieces]) for (const c of ["", ...pieces]) yield a + b + c;
  let seed = 1;
  const next = () => (seed = (seed * 48271) % 2147483647);
  for (let i = 0; i < 1000; i++)
    yield Array.from({ length: next() % 30 }, () => pieces[next() % pieces.length]).join("");
}

test("text has nothing left that PostgreSQL refuses, and different texts stay different", () => {
  const escaped = new Map();
  for (const text of texts()) {
    assert.doesNotMatch(escapeText(text), refused);
    assert.equal(escaped.get(escapeText(text)) ?? text, text);
    escaped.set(escapeText(text), text);
  }
});

test("JSON comes back, keys included", () => {
  for (const text of texts()) {
    const value = { [text]: [text, { [`${text}x`]: null }] };
    const escaped = escapeJson(JSON.stringify(value));
    assert.deepEqual(JSON.parse(unescapeJson(escaped)), value);
    const stored = escapeText(text);
    assert.deepEqual(JSON.parse(escaped), { [stored]: [stored, { [`${stored}x`]: null }] });
  }
});

test("text that jsonb takes stays as it is", () => {
  for (const text of [
    "",
    "plain",
    "é \u{1f600} \uffff",
    "\\u0000",
    "a\\\\u0000",
    'say "\\ud800"',
    "\u0001\u001f\u007f",
  ]) {
    assert.equal(escapeText(text), text);
    assert.equal(escapeJson(JSON.stringify(text)), JSON.stringify(text));
    assert.equal(unescapeJson(JSON.stringify(text)), JSON.stringify(text));
  }
});

test("the escape is the documented one", () => {
  assert.equal(escapeText("a\0b"), "a\u001a0000b");
  assert.equal(escapeText("\ud83d"), "\u001ad83d");
  assert.equal(escapeText("\u001a"), "\u001a001a");
});

test("JSON of other writers, with all of it escaped, comes back", () => {
  const json = '"\\uD83D\\uDE00 \\u001A \\uDE00"';
  assert.equal(JSON.parse(unescapeJson(escapeJson(json))), "\u{1f600} \u001a \ude00");
});
