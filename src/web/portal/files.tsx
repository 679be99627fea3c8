/** @jsxImportSource preact */
/** Pictures, papers and a voice note: chosen or recorded here, sent once the matter is registered. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, mint } from './api.ts';
import { useWords, wrongOf } from './pieces.tsx';

export type Chosen = { id: string; action: string; name: string; blob: Blob };
const most = 9;

/** What a phone's camera makes is far larger than anybody needs: 1600 pixels say as much. */
async function smaller(file: File): Promise<Blob> {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < 400_000 || !('createImageBitmap' in window))
    return file;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, 1600 / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await new Promise(resolve => canvas.toBlob(blob => resolve(blob ?? file), 'image/jpeg', 0.8));
  } catch {
    return file;
  }
}

export function Files({ files, onFiles, voice }: { files: Chosen[]; onFiles(files: Chosen[]): void; voice: boolean }) {
  const { t } = useWords();
  const [recorder, setRecorder] = useState<MediaRecorder>();
  const [wrong, setWrong] = useState('');
  const now = useRef(files);
  now.current = files;
  const add = (name: string, blob: Blob) => {
    if (now.current.length < most) onFiles([...now.current, { id: mint(), action: mint(), name, blob }]);
  };
  const record = async () => {
    setWrong('');
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const one = new MediaRecorder(stream);
      one.ondataavailable = event => add(`${t('voiceNote')}.webm`, event.data);
      one.onstop = () => {
        for (const track of stream.getTracks()) track.stop();
        setRecorder(undefined);
      };
      one.start();
      setRecorder(one);
    } catch {
      setWrong(t('voiceNo'));
    }
  };
  useEffect(() => () => recorder?.stop(), [recorder]);
  return (
    <div>
      <label class="file">
        <span class="button">{t('photos')}</span>
        <input
          type="file"
          multiple
          accept="image/*,audio/*,video/*,application/pdf,.doc,.docx"
          onChange={async event => {
            const input = event.currentTarget;
            for (const file of input.files ?? []) add(file.name, await smaller(file));
            input.value = '';
          }}
        />
      </label>
      {voice && 'MediaRecorder' in window && (
        <button
          type="button"
          onClick={() => (recorder ? recorder.stop() : void record())}
          aria-pressed={Boolean(recorder)}
        >
          {recorder ? t('voiceStop') : t('voice')}
        </button>
      )}
      {wrong && (
        <p role="alert" class="say late">
          {wrong}
        </p>
      )}
      {files.map(file => (
        <p key={file.id}>
          {file.name}{' '}
          <button
            type="button"
            aria-label={`${t('remove')} ${file.name}`}
            onClick={() => onFiles(files.filter(one => one !== file))}
          >
            {t('remove')}
          </button>
        </p>
      ))}
    </div>
  );
}

/** Sends files one after the other; what did not go can be tried again. */
export function Sending({
  files,
  headers,
  onAll,
}: {
  files: Chosen[];
  headers: Record<string, string>;
  onAll?(): void;
}) {
  const { t } = useWords();
  const [left, setLeft] = useState(files);
  const [wrong, setWrong] = useState('');
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn sends what was left when it began
  useEffect(() => {
    let live = true;
    (async () => {
      setWrong('');
      for (const file of left) {
        const form = new FormData();
        form.set('id', file.id);
        form.set('action', file.action);
        form.set('file', file.blob, file.name);
        try {
          await ask('file', 'POST', '/receipt/files', form, headers);
          if (live) setLeft(now => now.filter(one => one !== file));
        } catch (error) {
          if (live) setWrong(`${t('fileFailed')}${file.name}。${wrongOf(error, t)}`);
          return;
        }
      }
      if (live) onAll?.();
    })();
    return () => {
      live = false;
    };
  }, [turn]);
  return (
    <div aria-live="polite">
      <p class="say">{left.length ? t('filesLeft', { n: left.length }) : t('filesDone')}</p>
      {wrong && (
        <p role="alert" class="say late">
          {wrong}{' '}
          <button type="button" onClick={() => setTurn(turn + 1)}>
            {t('again')}
          </button>
        </p>
      )}
    </div>
  );
}
