/** Photographs made small, and voice notes, before they lie on the phone. */

const longest = 1600;

/** A photograph of at most 1600 pixels as JPEG, without what its file says of phone and place (EXIF goes with re-encoding). */
export async function reduced(file: Blob): Promise<Uint8Array> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise<Blob | null>(resolve => canvas.toBlob(resolve, 'image/jpeg', 0.72));
  if (!blob) throw new Error('photo');
  return new Uint8Array(await blob.arrayBuffer());
}

export type Recording = { stop(): Promise<Uint8Array> };
/** Records the microphone until stopped; at most three minutes. Throws where the phone does not allow it. */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 24_000 });
  const parts: Blob[] = [];
  recorder.ondataavailable = event => parts.push(event.data);
  const ended = new Promise<void>(resolve => {
    recorder.onstop = () => resolve();
  });
  recorder.start();
  const timer = setTimeout(() => recorder.state === 'recording' && recorder.stop(), 180_000);
  return {
    async stop() {
      clearTimeout(timer);
      if (recorder.state === 'recording') recorder.stop();
      await ended;
      for (const track of stream.getTracks()) track.stop();
      return new Uint8Array(await new Blob(parts).arrayBuffer());
    },
  };
}

/** Reads the code at a place with the camera, where the browser can; undefined when it cannot. */
export const canScan = () => 'BarcodeDetector' in window;
export async function codeIn(source: ImageBitmapSource): Promise<string | undefined> {
  const detector = new (window as any).BarcodeDetector({ formats: ['qr_code'] });
  const found = await detector.detect(await createImageBitmap(source));
  return found[0]?.rawValue;
}
