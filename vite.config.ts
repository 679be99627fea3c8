import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressed } from './vite.compress.ts';

const web = path.join(import.meta.dirname, 'src', 'web');

/** Three faces: the console of offices, and two that must stay light: the page of a mediation's side, the residents' portal. */
export default defineConfig({
  root: web,
  publicDir: path.join(web, 'console', 'public'),
  plugins: [react(), compressed()],
  build: {
    outDir: path.join(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: {
        console: path.join(web, 'console', 'index.html'),
        side: path.join(web, 'side', 'index.html'),
        portal: path.join(web, 'portal', 'index.html'),
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
