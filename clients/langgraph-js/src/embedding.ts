/** Vectors for texts, by the application's model: each text once, all of one batch together. */

import type { IndexConfig } from "@langchain/langgraph-checkpoint";

export class Embedding {
  readonly #index: IndexConfig;
  readonly #vectors = new Map<string, number[]>();

  constructor(index: IndexConfig) {
    this.#index = index;
  }

  async run(texts: readonly string[], asked: readonly string[]): Promise<void> {
    const { embeddings } = this.#index;
    const [documents, queries] = [[...new Set(texts)], [...new Set(asked)]];
    const [ofDocuments, ofQueries] = await Promise.all([
      documents.length > 0 ? embeddings.embedDocuments(documents) : [],
      Promise.all(queries.map((query) => embeddings.embedQuery(query))),
    ]);
    this.#take("document", documents, ofDocuments);
    this.#take("query", queries, ofQueries);
  }

  /** Those of an item; a vector without a direction is near to nothing. */
  ofDocuments(texts: readonly string[]): number[][] {
    return texts.map((text) => this.#vectors.get(`document ${text}`)!).filter(hasDirection);
  }

  ofQuery(text: string): number[] | undefined {
    const vector = this.#vectors.get(`query ${text}`)!;
    return hasDirection(vector) ? vector : undefined;
  }

  #take(kind: string, texts: string[], vectors: number[][]): void {
    if (texts.length !== vectors.length)
      throw new Error(`embeddings gave ${vectors.length} vectors for ${texts.length} texts`);
    for (const [i, vector] of vectors.entries()) {
      if (vector.length !== this.#index.dims)
        throw new Error(`embeddings gave a vector of ${vector.length} numbers, index has dims ${this.#index.dims}`);
      if (!vector.every(Number.isFinite)) throw new Error("embeddings gave a vector with a number that is not finite");
      this.#vectors.set(`${kind} ${texts[i]}`, vector);
    }
  }
}

const hasDirection = (vector: number[]) => vector.some((number) => number !== 0);
