/** A document that no parser can make sense of. Its message is the reason under which the document is refused. */
export class UnreadableDocumentError extends Error {
  override readonly name: string = "UnreadableDocumentError";
}
