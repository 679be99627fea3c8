import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const web = path.join(import.meta.dirname, 'src', 'web');

/** Two faces, two bundles: the console of offices, and the page of a mediation's side, which must stay light. */
export default defineConfig({
  root: web,
  publicDir: path.join(web, 'console', 'public'),
  plugins: [react()],
  build: {
    outDir: path.join(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: { console: path.join(web, 'console', 'index.html'), side: path.join(web, 'side', 'index.html') },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
