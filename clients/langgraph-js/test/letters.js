import { Embeddings } from "@langchain/core/embeddings";

/** Counts letters and digits: texts that have the same are near. */
export class Letters extends Embeddings {
  letters = [..."abcdefghijklmnopqrstuvwxyz0123456789"];
  /** What was embedded. */
  texts = [];

  constructor() {
    super({});
  }

  async embedQuery(text) {
    return this.letters.map((letter) => text.toLowerCase().split(letter).length - 1);
  }

  async embedDocuments(texts) {
    this.texts.push(...texts);
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}
