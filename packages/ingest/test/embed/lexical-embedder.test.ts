import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { embeddingInput } from "../../src/embed/embedding-input.ts";
import { embedTexts, lexicalEmbedder } from "../../src/embed/lexical-embedder.ts";

function cosine(left: string, right: string): number {
  const [a, b] = embedTexts([left, right]);
  assert.ok(a !== undefined && b !== undefined);
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

const passage = `The event loop runs tasks until they wait. A task that waits gives the others their turn, and goes on
when what it waits for has happened: a timer, a socket, another task.`;

test("a vector has length 1 and finite numbers, whatever the text", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.integer({ min: 16, max: 900 }),
      (text, dimensions) => {
        const [vector] = embedTexts([text], { dimensions });
        assert.ok(vector !== undefined);
        assert.equal(vector.length, dimensions);
        const square = vector.reduce((sum, value) => sum + value * value, 0);
        assert.ok(Math.abs(square - 1) < 1e-5, `length ${Math.sqrt(square)}`);
      },
    ),
  );
});

test("a text has the same vector alone and among others, in any order", () => {
  fc.assert(
    fc.property(fc.array(fc.lorem({ mode: "sentences" }), { minLength: 1, maxLength: 8 }), (texts) => {
      const together = embedTexts(texts);
      const reversed = embedTexts(texts.toReversed()).toReversed();
      assert.deepEqual(together, reversed);
      assert.deepEqual(
        together,
        texts.flatMap((text) => embedTexts([text])),
      );
    }),
  );
});

test("the numbers are those of every other platform", () => {
  const [vector] = embedTexts([embeddingInput("Tasks", ["Waiting"], passage)], { dimensions: 16 });
  assert.deepEqual(
    Array.from(vector ?? [], (value) => Number(value.toFixed(6))),
    [
      0.387406, -0.569635, -0.207004, -0.268344, 0.221516, 0.02619, 0.189165, 0.264172, 0.177718, -0.107471, -0.186646,
      -0.374023, -0.001899, -0.005624, -0.107417, 0.160657,
    ],
  );
});

test("a text with some of its words replaced is nearer than an unrelated text of the same words' length", () => {
  const words = fc.array(
    fc.string({ unit: fc.constantFrom(...Array.from("abcdefghijklmnop")), minLength: 4, maxLength: 9 }),
    {
      minLength: 20,
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(words, words, (own, other) => {
      fc.pre(own.every((word) => !other.includes(word)));
      const similar = own.map((word, index) => (index % 4 === 0 ? (other[index % other.length] ?? word) : word));
      assert.ok(cosine(own.join(" "), similar.join(" ")) > cosine(own.join(" "), other.join(" ")));
    }),
  );
});

test("a text without words has a vector that resembles nothing", () => {
  assert.deepEqual(embedTexts([""], { dimensions: 16 })[0], new Float32Array(16).fill(0.25));
  assert.deepEqual(embedTexts(["— ! …"]), embedTexts([""]));
  assert.ok(Math.abs(cosine("", passage)) < 0.15);
});

test("inflections, compounds and misspellings of a word are found", () => {
  for (const [word, variant] of [
    ["configuration", "configured"],
    ["embedding", "embeddings"],
    ["statement", "statment"],
    ["authentication", "reauthenticate"],
  ] as const) {
    assert.ok(cosine(word, variant) > 0.3, `${word} and ${variant}: ${cosine(word, variant)}`);
    assert.ok(cosine(word, variant) > cosine(word, "workshop") + 0.2);
  }
});

test("an identifier is found by its words", () => {
  const unrelated = cosine("close every connection", "readFileSync");
  for (const identifier of ["readFileSync", "read_file_sync", "READ_FILE_SYNC"]) {
    assert.ok(cosine("read a file", identifier) > unrelated + 0.3, identifier);
  }
});

test("the words of the context line count more than those of the passage", () => {
  const about = embeddingInput("Cancellation", [], "It takes two arguments.");
  const mentions = embeddingInput("It takes two arguments", [], "Cancellation.");
  assert.ok(cosine("cancellation", about) > cosine("cancellation", mentions));
});

test("accents and case make no difference", () => {
  assert.ok(cosine("Übergrößenträger", "ubergroßentrager") > 0.99);
});

test("a text in a script without spaces is found by a part of it", () => {
  assert.ok(cosine("東京都の天気", "東京都") > cosine("東京都の天気", "大阪府") + 0.3);
});

test("a long run of data without spaces is embedded in no time", () => {
  assert.equal(embedTexts(["QUJD".repeat(250_000)])[0]?.length, 384);
});

test("dimensions that cannot be done are refused", () => {
  for (const dimensions of [0, 15, 1.5, Number.NaN, 5000]) {
    assert.throws(() => embedTexts(["a"], { dimensions }), { name: "RangeError", message: /16 to 4096/u });
    assert.throws(() => lexicalEmbedder({ dimensions }), RangeError);
  }
});

test("the embedder says what it is and what it was made with", async () => {
  const embedder = lexicalEmbedder({ dimensions: 64 });
  assert.match(embedder.fingerprint, /^lexical-hash v1\b.*64/u);
  assert.notEqual(embedder.fingerprint, lexicalEmbedder().fingerprint);
  assert.deepEqual(await embedder.embed([passage, "b"], "document"), embedTexts([passage, "b"], { dimensions: 64 }));
});
