/** An argument as it is typed in a shell. */
export function quote(argument: string): string {
  return /^[\w./:-]+$/u.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
