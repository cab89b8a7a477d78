/** Told the exit status of the sub-command that ran. */
export type OnStatus = (status: number) => void;
