/**
 * A row writer for .xlsx into a zip stream: memory stays flat at a million rows, because rows are made as the file is
 * read. Office Open XML (ECMA-376); more rows than a sheet holds go on in the next sheet.
 */
import { Readable } from 'node:stream';
import yazl from 'yazl';

export type Cell = string | number | null | { at: number };

const sheetRows = 1_000_000; // Excel holds 1,048,576
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** What XML cannot hold is left out. */
const escapeXml = (text: string) =>
  text.replace(/[&<>\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, c => entities[c] ?? '');
/** Excel's serial date in China's time. */
const serial = (at: number) => (at + 8 * 3_600_000) / 86_400_000 + 25569;

const letters = Array.from({ length: 702 }, (_, i) =>
  i < 26
    ? String.fromCharCode(65 + i)
    : String.fromCharCode(64 + Math.floor(i / 26)) + String.fromCharCode(65 + (i % 26)),
);

/** Short texts, as a column repeats them (kinds, places, units), are written once and pointed to; of each column so many. */
class Shared {
  readonly all = new Map<string, number>();
  readonly #ofColumn: number[] = [];

  /** Where a text stands among the shared ones; undefined where it is too long, or its column has had enough others. */
  at(text: string, column: number): number | undefined {
    if (text.length > 60) return undefined;
    const known = this.all.get(text);
    const own = this.#ofColumn[column] ?? 0;
    if (known !== undefined || own >= 1000) return known;
    this.#ofColumn[column] = own + 1;
    this.all.set(text, this.all.size);
    return this.all.size - 1;
  }
}

const textXml = (text: string) => {
  const space = text.trim() === text ? '' : ' xml:space="preserve"';
  return `<t${space}>${escapeXml(text.slice(0, 32767))}</t>`;
};

/** A row with its references: readers that stream want to be told where a cell stands. `n` counts from 1. */
function rowXml(cells: readonly Cell[], n: number, shared: Shared): string {
  let xml = `<row r="${n}">`;
  for (const [i, cell] of cells.entries()) {
    if (cell === null || cell === '') continue;
    const at = `<c r="${letters[i]}${n}"`;
    if (typeof cell === 'number') xml += `${at}><v>${cell}</v></c>`;
    else if (typeof cell === 'object') xml += `${at} s="1"><v>${serial(cell.at)}</v></c>`;
    else {
      const known = shared.at(cell, i);
      xml +=
        known === undefined ? `${at} t="inlineStr"><is>${textXml(cell)}</is></c>` : `${at} t="s"><v>${known}</v></c>`;
    }
  }
  return `${xml}</row>`;
}

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relation = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A workbook as a stream. `header` is the first row of every sheet; `widths` are in characters. */
export function xlsxStream(
  name: string,
  header: readonly string[],
  rows: AsyncIterable<readonly Cell[]>,
  widths: readonly number[] = [],
): NodeJS.ReadableStream {
  const zip = new yazl.ZipFile();
  const source = rows[Symbol.asyncIterator]();
  const cols = widths.length
    ? `<cols>${widths.map((w, i) => `<col min="${i + 1}" max="${i + 1}" width="${w}" customWidth="1"/>`).join('')}</cols>`
    : '';

  const shared = new Shared();
  let sheets = 0;
  let ended = false;
  async function* sheet(): AsyncGenerator<string> {
    yield `${head}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>${cols}<sheetData>${rowXml(header, 1, shared)}`;
    let chunk = '';
    for (let n = 0; n < sheetRows; n++) {
      const next = await source.next();
      if (next.done) {
        ended = true;
        break;
      }
      chunk += rowXml(next.value, n + 2, shared);
      if (chunk.length > 65536) {
        yield chunk;
        chunk = '';
      }
    }
    yield `${chunk}</sheetData></worksheet>`;
    if (ended) finish();
    else addSheet();
  }
  function addSheet(): void {
    sheets += 1;
    const stream = Readable.from(sheet());
    stream.on('error', error => zip.outputStream.emit('error', error));
    zip.addReadStream(stream, `xl/worksheets/sheet${sheets}.xml`, { compressionLevel: 1 });
  }
  function finish(): void {
    const each = (make: (i: number) => string) => Array.from({ length: sheets }, (_, i) => make(i + 1)).join('');
    const add = (path: string, xml: string) => zip.addBuffer(Buffer.from(head + xml), path);
    add(
      '[Content_Types].xml',
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>${each(i => `<Override PartName="/xl/worksheets/sheet${i}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`)}</Types>`,
    );
    add(
      '_rels/.rels',
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    );
    add(
      'xl/workbook.xml',
      `<workbook xmlns="${main}" xmlns:r="${relation}"><sheets>${each(i => `<sheet name="${escapeXml(name)}${i > 1 ? i : ''}" sheetId="${i}" r:id="rId${i}"/>`)}</sheets></workbook>`,
    );
    add(
      'xl/_rels/workbook.xml.rels',
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${each(i => `<Relationship Id="rId${i}" Type="${relation}/worksheet" Target="worksheets/sheet${i}.xml"/>`)}<Relationship Id="rIdS" Type="${relation}/styles" Target="styles.xml"/><Relationship Id="rIdT" Type="${relation}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    );
    add(
      'xl/styles.xml',
      `<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    );
    add(
      'xl/sharedStrings.xml',
      `<sst xmlns="${main}">${Array.from(shared.all.keys(), text => `<si>${textXml(text)}</si>`).join('')}</sst>`,
    );
    zip.end();
  }
  addSheet();
  return zip.outputStream;
}
