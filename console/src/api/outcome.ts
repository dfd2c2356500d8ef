/** What became of a transaction, or would: done or refused, told in sentences. */
export interface Outcome {
  /** 0, or the number of the broken rule. */
  code: number;
  name: string;
  text: string;
  text_zh: string;
  sentences: string[];
  sentences_zh: string[];
}
