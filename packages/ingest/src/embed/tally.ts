import type { Word } from "./vocabulary.ts";

/**
 * A number for each word, 0 to begin with. Like a `Map` from words to numbers, but by the words' own numbers in an array,
 * which costs a tenth; made once and cleared after each text. All words must come from the same vocabulary, between two of
 * its trims.
 */
export class Tally {
  /** The words whose number is not 0, in the order in which they came. */
  readonly words: Word[] = [];
  #numbers: Float64Array = new Float64Array(1024);

  of(word: Word): number {
    return this.#numbers[word.id] ?? 0;
  }

  add(word: Word, amount: number): void {
    this.#makeRoom(word);
    const before = this.#numbers[word.id] ?? 0;
    if (before === 0) this.words.push(word);
    this.#numbers[word.id] = before + amount;
  }

  /** Gives a word that is counted another number, which must not be 0. */
  set(word: Word, value: number): void {
    this.#numbers[word.id] = value;
  }

  clear(): void {
    for (const { id } of this.words) this.#numbers[id] = 0;
    this.words.length = 0;
  }

  #makeRoom({ id }: Word): void {
    if (id < this.#numbers.length) return;
    const larger = new Float64Array(2 * id);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}
