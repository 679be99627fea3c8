/** A box to sign in by hand, finger or mouse: gives a PNG of what was written. */
import { useEffect, useRef, useState } from 'react';

export function SignaturePad({
  label,
  again,
  onChange,
}: {
  label: string;
  again: string;
  onChange(png: string | undefined): void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [written, setWritten] = useState(false);
  const drawing = useRef(false);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.lineWidth = 3;
    context.lineCap = 'round';
    context.strokeStyle = '#1f2328';
  }, []);
  const at = (event: React.PointerEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    const scale = canvas.current!.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale] as const;
  };
  const clear = () => {
    canvas.current?.getContext('2d')?.clearRect(0, 0, 600, 200);
    setWritten(false);
    onChange(undefined);
  };
  return (
    <div>
      <canvas
        ref={canvas}
        width={600}
        height={200}
        role="img"
        aria-label={label}
        style={{
          width: '100%',
          maxWidth: 600,
          height: 'auto',
          border: '1px solid #8a8f98',
          borderRadius: 4,
          touchAction: 'none',
          background: '#fff',
        }}
        onPointerDown={event => {
          drawing.current = true;
          event.currentTarget.setPointerCapture(event.pointerId);
          const context = canvas.current!.getContext('2d')!;
          context.beginPath();
          context.moveTo(...at(event));
        }}
        onPointerMove={event => {
          if (!drawing.current) return;
          const context = canvas.current!.getContext('2d')!;
          context.lineTo(...at(event));
          context.stroke();
        }}
        onPointerUp={() => {
          if (!drawing.current) return;
          drawing.current = false;
          setWritten(true);
          onChange(canvas.current!.toDataURL('image/png').split(',')[1]);
        }}
      />
      {written && (
        <div>
          <button type="button" onClick={clear}>
            {again}
          </button>
        </div>
      )}
    </div>
  );
}
