/** Everything about the look, in one file: a county sets its own name and colour here or by `<data>/brand.json` later. */
import type { ThemeConfig } from 'antd';

export const colours = {
  ink: '#1f2328',
  quiet: '#5a6069',
  paper: '#f7f6f3',
  line: '#e3e0d9',
  act: '#1d4e89',
  seal: '#b3341a',
  done: '#2c6e49',
  warn: '#8a5a00',
} as const;

export const theme: ThemeConfig = {
  token: {
    colorPrimary: colours.act,
    colorLink: colours.act,
    colorError: colours.seal,
    colorSuccess: colours.done,
    colorWarning: colours.warn,
    colorText: colours.ink,
    colorTextSecondary: colours.quiet,
    colorTextDescription: colours.quiet,
    colorTextPlaceholder: '#6b7079',
    colorBgLayout: colours.paper,
    colorBorderSecondary: colours.line,
    borderRadius: 4,
    fontSize: 14,
    fontFamily: "'PingFang SC','HarmonyOS Sans SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans Hans',sans-serif",
    motion: false,
  },
  components: {
    Menu: { itemSelectedBg: '#e6edf5', itemSelectedColor: colours.act },
    Table: { cellPaddingBlockSM: 9, headerBg: '#f1efea' },
    Layout: { headerBg: '#ffffff', siderBg: '#ffffff' },
  },
};
