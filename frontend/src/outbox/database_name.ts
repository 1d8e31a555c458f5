/** The outbox's database by name, for whoever asks whether there is one without opening it. */

export const DATABASE = "contrechamp-outbox";
