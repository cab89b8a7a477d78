/** A source as a whole is unusable: the path is missing, the address is of a kind that is not supported. */
export class SourceError extends Error {
  override readonly name: string = "SourceError";
  /** The argument at fault, as it was given. */
  readonly argument: string;

  constructor(argument: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.argument = argument;
  }
}
