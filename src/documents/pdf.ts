/**
 * PDF with every character of a name: pages laid out by pdfmake with embedded fonts, chosen for each character among three
 * that complement one another; what none of them has is written as its code point, never dropped.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PDFDocument } from '@cantoo/pdf-lib';
import * as fontkit from 'fontkit';
import pdfmake from 'pdfmake';
import type { Content, TDocumentDefinitions } from 'pdfmake/interfaces';

const require = createRequire(import.meta.url);
const files = {
  Sans: ['@embedpdf/fonts-sc', 'NotoSansHans-Regular.otf'],
  Bold: ['@embedpdf/fonts-sc', 'NotoSansHans-Bold.otf'],
  Japan: ['@embedpdf/fonts-jp', 'NotoSansJP-Regular.otf'],
  Taiwan: ['@embedpdf/fonts-tc', 'NotoSansHant-Regular.otf'],
} as const;
const pathOf = (font: keyof typeof files) =>
  path.join(path.dirname(require.resolve(files[font][0])), '..', 'fonts', files[font][1]);

let glyphs: Record<'Sans' | 'Japan' | 'Taiwan', fontkit.Font> | undefined;
/** Fonts are some megabytes each: opened with the first document, not at start. */
function opened() {
  if (glyphs) return glyphs;
  const ours = (Object.keys(files) as (keyof typeof files)[]).map(pathOf);
  pdfmake.setLocalAccessPolicy(file => ours.includes(file));
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setFonts({
    Sans: { normal: pathOf('Sans'), bold: pathOf('Bold') },
    Japan: { normal: pathOf('Japan'), bold: pathOf('Japan') },
    Taiwan: { normal: pathOf('Taiwan'), bold: pathOf('Taiwan') },
  });
  const open = (font: 'Sans' | 'Japan' | 'Taiwan') => fontkit.create(readFileSync(pathOf(font))) as fontkit.Font;
  glyphs = { Sans: open('Sans'), Japan: open('Japan'), Taiwan: open('Taiwan') };
  return glyphs;
}

/** A text in runs, each in the first font that has all its characters. */
export function runs(text: string): { text: string; font: string }[] {
  const fonts = opened();
  const out: { text: string; font: string }[] = [];
  for (const character of text.replaceAll('\t', '  ')) {
    const code = character.codePointAt(0)!;
    const font =
      code < 32 ? 'Sans' : (['Sans', 'Japan', 'Taiwan'] as const).find(name => fonts[name].hasGlyphForCodePoint(code));
    const shown = font ? character : `〔U+${code.toString(16).toUpperCase()}〕`;
    const last = out.at(-1);
    if (last && last.font === (font ?? 'Sans')) last.text += shown;
    else out.push({ text: shown, font: font ?? 'Sans' });
  }
  return out;
}

/** A paragraph whose every character is printed. */
export const line = (text: string, more: Record<string, unknown> = {}): Content =>
  ({ text: runs(text), ...more }) as Content;

/** Lays out pages. `first`: the number on the first of them; without it they carry none. */
export async function layOut(content: Content[], first?: number): Promise<Buffer> {
  opened();
  const definition: TDocumentDefinitions = {
    pageSize: 'A4',
    pageMargins: [72, 64, 57, 57],
    version: '1.7',
    subset: 'PDF/A-2b' as never,
    tagged: true,
    defaultStyle: { font: 'Sans', fontSize: 11, lineHeight: 1.5 },
    ...(first !== undefined && {
      footer: (page: number) => ({
        text: String(first + page - 1),
        alignment: 'center',
        fontSize: 9,
        margin: [0, 20, 0, 0],
      }),
    }),
    content,
  };
  return pdfmake.createPdf(definition).getBuffer();
}

export const pagesOf = async (bytes: Uint8Array): Promise<number> =>
  (await PDFDocument.load(bytes, { ignoreEncryption: true })).getPageCount();

/** Several files as one, in order. */
export async function joined(parts: readonly Uint8Array[], title: string): Promise<Buffer> {
  const whole = await PDFDocument.create();
  whole.setTitle(title);
  whole.setLanguage('zh-CN');
  for (const bytes of parts) {
    const part = await PDFDocument.load(bytes, { ignoreEncryption: true });
    for (const page of await whole.copyPages(part, part.getPageIndices())) whole.addPage(page);
  }
  return Buffer.from(await whole.save());
}

/** A scanned PDF with our page numbers on it. */
export async function numbered(bytes: Uint8Array, first: number): Promise<Buffer> {
  const scan = await PDFDocument.load(bytes, { ignoreEncryption: true });
  for (const [i, page] of scan.getPages().entries())
    page.drawText(String(first + i), { x: page.getWidth() / 2, y: 18, size: 9 });
  return Buffer.from(await scan.save());
}
