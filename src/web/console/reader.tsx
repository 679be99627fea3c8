/** The identity card through a reader on a serial port, and papers through a document camera: where the machine has them. */
import { App, Button, Modal } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { answerOf, type Card, cardOf, findCard, found, good, readText, selectCard } from '../../hotline/card.ts';
import { useWords } from '../ui/words.ts';

type Port = {
  open(options: { baudRate: number }): Promise<void>;
  close(): Promise<void>;
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
};
type Serial = { getPorts(): Promise<Port[]>; requestPort(): Promise<Port> };
const serial = (navigator as { serial?: Serial }).serial;

async function ask(port: Port, what: Uint8Array): Promise<{ status: number; data: Uint8Array }> {
  const writer = port.writable.getWriter();
  await writer.write(what);
  writer.releaseLock();
  const reader = port.readable.getReader();
  const late = setTimeout(() => void reader.cancel(), 3000);
  let bytes = new Uint8Array();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done || !value) throw new Error('silent');
      bytes = Uint8Array.from([...bytes, ...value]);
      const answer = answerOf(bytes);
      if (answer) return answer;
    }
  } finally {
    clearTimeout(late);
    reader.releaseLock();
  }
}

async function readCard(): Promise<Card> {
  const port = (await serial!.getPorts())[0] ?? (await serial!.requestPort());
  await port.open({ baudRate: 115_200 });
  try {
    for (const [what, wanted] of [
      [findCard, found],
      [selectCard, good],
    ] as const)
      if ((await ask(port, what)).status !== wanted) throw new Error('no card');
    const text = await ask(port, readText);
    if (text.status !== good) throw new Error('unreadable');
    return cardOf(text.data);
  } finally {
    await port.close();
  }
}

/** Reads a card; without a reader it says so, and the fields are typed. */
export function CardReader({ onCard }: { onCard(card: Card): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const read = async () => {
    if (!serial) return void message.info(t('noReader'));
    setBusy(true);
    await readCard().then(onCard, () => message.error(t('cardFailed')));
    setBusy(false);
  };
  return (
    <Button size="small" onClick={read} loading={busy}>
      {t('readCard')}
    </Button>
  );
}

/** 高拍仪: a document camera is a camera; each page becomes a picture. */
export function DocumentCamera({ onPage }: { onPage(file: File): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const video = useRef<HTMLVideoElement>(null);
  const [pages, setPages] = useState(0);
  useEffect(() => {
    if (!open) return;
    let stream: MediaStream | undefined;
    navigator.mediaDevices
      ?.getUserMedia({ video: { width: { ideal: 2592 }, height: { ideal: 1944 } } })
      .then(live => {
        stream = live;
        if (video.current) video.current.srcObject = live;
      })
      .catch(() => {
        setOpen(false);
        message.info(t('noCamera'));
      });
    return () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, [open, message, t]);
  const take = () => {
    const from = video.current!;
    const canvas = document.createElement('canvas');
    canvas.width = from.videoWidth;
    canvas.height = from.videoHeight;
    canvas.getContext('2d')!.drawImage(from, 0, 0);
    canvas.toBlob(
      blob => {
        if (!blob) return;
        setPages(pages + 1);
        onPage(new File([blob], `${t('scanPaper')}-${pages + 1}.jpg`, { type: 'image/jpeg' }));
      },
      'image/jpeg',
      0.85,
    );
  };
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('scanPaper')}
      </Button>
      {open && (
        <Modal
          open
          title={t('scanPaper')}
          width={760}
          onCancel={() => setOpen(false)}
          okText={`${t('takePage')}（${pages}）`}
          cancelText={t('close')}
          onOk={take}
        >
          {/* biome-ignore lint/a11y/useMediaCaption: a live picture of paper */}
          <video ref={video} autoPlay playsInline muted style={{ width: '100%' }} />
        </Modal>
      )}
    </>
  );
}
