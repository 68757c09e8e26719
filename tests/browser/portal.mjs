// SPDX-License-Identifier: MIT
//
// What all browser tests share: the browser, people, addresses that are free.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

// Never a demo that somebody else is looking at: the one to use has to be named.
const { APPSMTP_DEMO_PORT: port, APPSMTP_DEMO_DIR: folder } = process.env;
assert.ok(port && folder, 'APPSMTP_DEMO_PORT and APPSMTP_DEMO_DIR name the demo to use');
export const base = `http://localhost:${port}`;
export const pki = (name) => join(folder, 'pki', name);
export const pem = (name) => readFileSync(pki(name), 'utf8');

const passwords = { ow1: 'own-one', ow2: 'own-two', nb1: 'nobody', rl1: 'relay-op', zo9: 'uni' };
const shots = join(process.cwd(), 'screenshots');
mkdirSync(shots, { recursive: true });

let browser;

export async function start() {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

export async function stop() {
  await browser?.close();
}

// A window of its own. What a page may not do is collected in page.faults: requests
// to other hosts, scripts, what the content security policy refused.
export async function open(options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 }, baseURL: base, ...options,
  });
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) page.faults.push(message.text());
  });
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== base) page.faults.push(`asks ${request.url()}`);
    if (request.resourceType() === 'script') page.faults.push(`script ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.request().isNavigationRequest() && response.status() !== 303) page.answer = response;
  });
  page.setDefaultTimeout(15000);
  return page;
}

export async function signIn(page, login) {
  await page.goto('/sign-in');
  await page.locator('#login').fill(login);
  await page.locator('#password').fill(passwords[login]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/registrations');
}

export async function openAs(login, options) {
  const page = await open(options);
  await signIn(page, login);
  return page;
}

// The preferred address where it is free, else any free one of the bulk: other tests
// may have registered before, and may do so at the same time.
export async function freeAddress(page, preferred) {
  if (preferred) {
    await page.goto(`/addresses?q=${encodeURIComponent(preferred)}`);
    if (await page.locator(`a[href$="address=${encodeURIComponent(preferred)}"]`).count()) return preferred;
  }
  for (let tries = 0; tries < 20; tries++) {
    await page.goto(`/addresses?q=bulk-&page=${1 + Math.floor(Math.random() * 5)}`);
    const free = await page.locator('a[href*="/registrations/new?address="]').evaluateAll(
      (links) => links.map((link) => new URL(link.href).searchParams.get('address')));
    if (free.length) return free[Math.floor(Math.random() * free.length)];
  }
  throw new Error('no address is free');
}

// One registration without a browser window, for tests that need one to be there.
export async function register(page, fields) {
  const token = await page.locator('input[name="csrf_token"]').first().getAttribute('value');
  const multipart = {
    csrf_token: token, application_name: 'Course evaluation', application_type: 'web-application',
    location: 'campus', method: 'network', networks: '127.0.0.31', certificate_text: '', hostnames: '',
    owners: '', note: '', ...fields,
  };
  const response = await page.request.post('/registrations', { multipart, maxRedirects: 0 });
  assert.equal(response.status(), 303, await response.text());
  return response.headers().location;
}

export async function screenshot(page, name) {
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

// Until the page says it; the demo exports every few seconds.
export async function reloadUntil(page, text) {
  const end = Date.now() + 30000;
  while (!(await page.locator('main').innerText()).includes(text)) {
    assert.ok(Date.now() < end, `the page never said "${text}"`);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await page.reload();
  }
}

// Everything that a person has typed or chosen in the form of a page.
export function typed(page) {
  return page.locator('form').last().evaluate((form) => [...new FormData(form)]
    .filter(([name, value]) => name !== 'csrf_token' && !(value instanceof File))
    .map(([name, value]) => `${name}=${value.replaceAll('\r\n', '\n')}`));
}

// The refused form by its rules: title, summary, texts at the fields, links to them.
export async function expectRefused(page) {
  assert.equal(page.answer.status(), 422);
  assert.match(await page.title(), /^Error: /);
  const summary = page.locator('.govuk-error-summary');
  assert.equal(await page.locator('main > *').first().getAttribute('class'), 'govuk-error-summary');
  const links = await summary.locator('a[href^="#"]').evaluateAll(
    (all) => all.map((link) => [link.getAttribute('href').slice(1), link.textContent.trim()]));
  assert.ok(links.length > 0);
  const atFields = await page.locator('.govuk-error-message').evaluateAll(
    (all) => all.map((text) => text.textContent.replace('Error:', '').trim()));
  assert.deepEqual(links.map(([, text]) => text).sort(), atFields.sort());
  for (const [id] of links) {
    const field = page.locator(`[id="${id}"]`);
    assert.equal(await field.count(), 1, `#${id}`);
    const described = await field.evaluate((input) =>
      [input, input.closest('fieldset')].some((one) => one?.getAttribute('aria-describedby')?.includes('-error')));
    assert.ok(described, `#${id} is described by its error`);
  }
  return links;
}
