/**
 * Resident identity cards through a reader on a serial port (GA 450 / SAM_V): find, select, read the text, nothing else.
 * The portrait and the fingerprints on the chip are never asked for. Pure: bytes in, bytes out.
 */
const head = [0xaa, 0xaa, 0xaa, 0x96, 0x69];

/** A command with its length and check byte (exclusive or of everything after the head). */
export function command(...body: number[]): Uint8Array {
  const rest = [((body.length + 1) >> 8) & 255, (body.length + 1) & 255, ...body];
  return Uint8Array.from([...head, ...rest, rest.reduce((check, byte) => check ^ byte, 0)]);
}
export const findCard = command(0x20, 0x01);
export const selectCard = command(0x20, 0x02);
export const readText = command(0x30, 0x01);

/** The payload of an answer once it is whole: status and data; undefined while bytes are missing. Throws on a wrong check. */
export function answerOf(bytes: Uint8Array): { status: number; data: Uint8Array } | undefined {
  const at = bytes.findIndex((_, i) => head.every((byte, n) => bytes[i + n] === byte));
  if (at < 0 || bytes.length < at + 7) return undefined;
  const length = (bytes[at + 5]! << 8) | bytes[at + 6]!;
  const end = at + 7 + length;
  if (bytes.length < end) return undefined;
  const body = bytes.subarray(at + 5, end);
  if (body.reduce((check, byte) => check ^ byte, 0) !== 0) throw new Error('check');
  return { status: body[4]!, data: body.subarray(5, -1) };
}
export const found = 0x9f;
export const good = 0x90;

export type Card = { name: string; identity: string; address: string };
/**
 * Name, number and address out of the answer: two lengths of two bytes (text, portrait), then the text in UTF-16LE with
 * fixed fields. What nobody needs (sex, nation, birth, authority, portrait) is not taken out of it.
 */
export function cardOf(data: Uint8Array): Card {
  const text = data.subarray(4, 4 + ((data[0]! << 8) | data[1]!));
  if (text.length < 158) throw new Error('short');
  const field = (from: number, to: number) => new TextDecoder('utf-16le').decode(text.subarray(from, to)).trim();
  return { name: field(0, 30), identity: field(122, 158), address: field(52, 122) };
}
