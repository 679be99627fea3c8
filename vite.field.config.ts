import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { compressed } from './vite.compress.ts';

const root = path.join(import.meta.dirname, 'src', 'web', 'field');

/** The face of the field: an app of its own that is installed, works from any sub-path and without a network. */
export default defineConfig({
  root,
  base: './',
  plugins: [
    react(),
    VitePWA({
      registerType: 'prompt',
      filename: 'sw.js',
      injectRegister: false,
      includeAssets: ['mark.svg'],
      workbox: {
        globPatterns: ['**/*.{js,mjs,css,html,svg,png,webmanifest}'],
        navigateFallback: 'index.html',
        cleanupOutdatedCaches: true,
        maximumFileSizeToCacheInBytes: 4_000_000,
      },
      manifest: {
        id: './',
        name: '原点 · 现场',
        short_name: '原点',
        description: '网格员、调解员、巡逻队、检查员的手机：没有网络也能用。',
        lang: 'zh-CN',
        start_url: './',
        scope: './',
        display: 'standalone',
        orientation: 'portrait',
        theme_color: '#1d4e89',
        background_color: '#f7f6f3',
        icons: [
          { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
        shortcuts: [{ name: '上报', url: './#/report' }],
      },
    }),
    compressed(),
  ],
  build: {
    outDir: path.join(import.meta.dirname, 'dist', 'field'),
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1000,
  },
});
