// SPDX-License-Identifier: MIT
//
// What takes longer: pa11y (axe and HTML CodeSniffer) over every page in every state,
// light and dark, wide and narrow; vnu over all of their HTML; Lighthouse over each kind
// of page. They look at copies of what the portal answered, so that the state of a page
// that came after a form can be looked at again and again.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import lighthouse from 'lighthouse';
import pa11y from 'pa11y';

import { open, openAs, start, stop } from '../portal.mjs';
import { states } from '../states.mjs';

const require = createRequire(import.meta.url);
const puppeteer = require('puppeteer');
const copies = join(process.cwd(), 'copies');
const files = new Map();
const served = [];
let server, base, browser;

async function copyAll() {
  const people = new Map();
  for (const [name, login, lead] of states) {
    if (!people.has(login)) people.set(login, login ? await openAs(login) : await open());
    const page = people.get(login);
    await lead(page);
    files.set(`/${name}.html`, ['text/html; charset=utf-8', await page.answer.text()]);
    served.push(name);
    for (const path of ['/static/portal.css', '/static/icon.svg']) {
      if (files.has(path)) continue;
      const response = await page.request.get(path);
      files.set(path, [response.headers()['content-type'], await response.text()]);
    }
  }
}

function serve() {
  server = createServer((request, response) => {
    const [type, body] = files.get(request.url) ?? ['text/plain', undefined];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type });
    response.end(body);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => {
    base = `http://127.0.0.1:${server.address().port}`;
    resolve();
  }));
}

before(async () => {
  await start();
  await copyAll();
  await stop();
  await serve();
  browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}, { timeout: 300000 });

after(async () => {
  await browser?.close();
  server?.close();
});

async function pa11yFaults(name, width, scheme) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(`${base}/${name}.html`);
  const { issues } = await pa11y(`${base}/${name}.html`, {
    browser, page, ignoreUrl: true, standard: 'WCAG2AA', runners: ['axe', 'htmlcs'], viewport: { width, height: 900 },
  });
  await page.close();
  return issues.map((one) => `${name} ${width} ${scheme}: ${one.code}: ${one.message} ${one.context?.slice(0, 140)}`);
}

for (const [name] of states) {
  test(`pa11y: ${name}`, async () => {
    const faults = [];
    for (const width of [1280, 320])
      for (const scheme of ['light', 'dark']) faults.push(...await pa11yFaults(name, width, scheme));
    assert.deepEqual(faults, []);
  });
}

test('vnu finds nothing in the HTML of any page', () => {
  mkdirSync(copies, { recursive: true });
  for (const name of served) writeFileSync(join(copies, `${name}.html`), files.get(`/${name}.html`)[1]);
  const jar = join(dirname(require.resolve('vnu-jar/package.json')), 'build', 'dist', 'vnu.jar');
  const args = ['-jar', jar, '--format', 'text', ...served.map((name) => join(copies, `${name}.html`))];
  const words = (() => {
    try {
      return execFileSync('java', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      return error.stderr || String(error);
    }
  })();
  assert.equal(words.trim(), '');
});

for (const name of ['start', 'sign-in-refused', 'registrations-filled', 'addresses-filled', 'new-empty', 'new-refused',
  'registration-certificate', 'history', 'check-filled-no', 'not-found', 'help', 'help-sources', 'accessibility']) {
  test(`Lighthouse gives 100 for accessibility: ${name}`, async () => {
    const { lhr } = await lighthouse(`${base}/${name}.html`, {
      port: Number(new URL(browser.wsEndpoint()).port), onlyCategories: ['accessibility'], logLevel: 'error',
    });
    const failed = Object.values(lhr.audits).filter((audit) => audit.score === 0).map((audit) => audit.id);
    assert.deepEqual(failed, []);
    assert.equal(lhr.categories.accessibility.score, 1);
  });
}
