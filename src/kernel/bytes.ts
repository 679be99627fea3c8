/** Bytes as text and as buffers of their own; the same in browsers and here. Pure. */

/** A buffer of just these bytes: a Node Buffer is a view of a larger one. */
export const own = (bytes: Uint8Array) => new Uint8Array(bytes).buffer;

export const base64 = (bytes: Uint8Array): string => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
};
export const unbase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), one => one.charCodeAt(0));
