/** Masking of personal data for lists, search and hints. Pure. */

/** 138****5678 */
export const maskPhone = (phone: string) => phone.replace(/^(.{3}).*(.{4})$/, '$1****$2');
/** 4110**********1234 */
export const maskIdentity = (value: string) =>
  value.replace(/^(.{4}).*(.{4})$/, (_, a, b) => `${a}${'*'.repeat(Math.max(0, value.length - 8))}${b}`);
/** How organisations and groups of people end. One character tells only where a person's name is shorter. */
const organisation =
  /(公司|集团|企业|工厂|商店|饭店|酒店|宾馆|超市|物业|中心|银行|学校|中学|小学|大学|医院|诊所|工地|项目|协会|村民|居民|业主|群众|家长|职工|工人|员工|农民工)(（.+）|\(.+\))?$|^.{4,}[厂矿店铺馆场站所院园校局委办会社部处科室队组村乡镇区户]$/u;

/** 张**: the family name stays; an organisation keeps its name. What is not seen to be one is taken for a person. */
export function maskName(name: string): string {
  const characters = [...name.trim()];
  if (characters.length < 2) return characters.length ? '*' : '';
  if (organisation.test(name.trim())) return name.trim();
  return characters[0] + '*'.repeat(characters.length - 1);
}

const patterns: [RegExp, (found: string) => string][] = [
  [/(?<![\dA-Za-z])\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])/g, maskIdentity],
  [
    /(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)/g,
    found => maskPhone(found.replace(/[^\d]/g, '').slice(-11)),
  ],
  [/(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)/g, () => '****'],
  [/(?<!\d)\d{16,19}(?!\d)/g, found => `${found.slice(0, 4)}****${found.slice(-4)}`],
  [/[\w.+-]+@[\w-]+\.[\w.]+/g, () => '***@***'],
];

/** Text with phones, identity and card numbers, mail addresses and the given names masked. */
export function redact(text: string, names: readonly string[] = []): string {
  let result = text;
  for (const [pattern, mask] of patterns) result = result.replace(pattern, mask);
  for (const name of names) if ([...name].length > 1) result = result.replaceAll(name, maskName(name));
  return result;
}

/** A title for what has none: the first sentence, kept short. */
export const titleOf = (text: string) => [...(text.split(/[。！？\n]/)[0] ?? text).trim()].slice(0, 40).join('');
