// SPDX-License-Identifier: MIT
//
// Every page in every state, light and dark, wide and narrow: axe, html-validate, no
// sideways scrolling, large enough targets, visible focus, no script, nothing foreign.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import axe from 'axe-core';
import { HtmlValidate } from 'html-validate';

import { open, openAs, screenshot, start, stop } from './portal.mjs';
import { focusFaults, sidewaysFaults, targetFaults, weakBorders } from './looks.mjs';
import { states } from './states.mjs';

const markup = new HtmlValidate({
  extends: ['html-validate:standard', 'html-validate:a11y'],
  rules: { 'form-dup-name': ['error', { shared: ['checkbox', 'radio', 'submit', 'button'] }] },
});
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const people = new Map();

// One window a person for all states.
async function windowOf(login) {
  if (!people.has(login)) people.set(login, login ? await openAs(login) : await open());
  return people.get(login);
}

async function axeFaults(page) {
  const result = await page.evaluate(async ([source, values]) => {
    if (!window.axe) (0, eval)(source);
    return window.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
  }, [axe.source, tags]);
  return result.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`));
}

async function markupFaults(page) {
  const report = await markup.validateString(await page.answer.text());
  return report.results.flatMap(({ messages }) => messages.map((one) => `${one.line}: ${one.ruleId}: ${one.message}`));
}

before(start);
after(stop);

for (const [name, login, lead] of states) {
  test(name, async () => {
    const page = await windowOf(login);
    const faults = [];
    await page.setViewportSize({ width: 1280, height: 900 });
    await lead(page);
    assert.equal(await page.locator('script, style, [style], [onclick]').count(), 0);
    faults.push(...await markupFaults(page));
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: width === 320 ? 256 : 900 });
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        for (const fault of [...await axeFaults(page), ...await weakBorders(page)]) faults.push(`${width} ${colorScheme}: ${fault}`);
        await screenshot(page, `${name}-${width}-${colorScheme}`);
      }
      for (const fault of [...await sidewaysFaults(page, width), ...await targetFaults(page)]) faults.push(`${width}: ${fault}`);
    }
    // At 400 % of a window of 1280 x 1024 pixels, where a bar would cover most.
    faults.push(...await focusFaults(page));
    await page.emulateMedia({ colorScheme: 'light' });
    faults.push(...page.faults.splice(0));
    assert.deepEqual([...new Set(faults)], []);
  });
}

test('the style sheet is small, and no page has another one', async () => {
  const page = await open();
  const response = await page.request.get('/static/portal.css');
  const size = gzipSync(await response.text()).length;
  assert.ok(size < 15 * 1024, `${size} bytes`);
  await page.goto('/');
  assert.equal(await page.locator('link[rel="stylesheet"]').count(), 1);
});

test('the content security policy is strict', async () => {
  const page = await open();
  const response = await page.goto('/');
  const policy = response.headers()['content-security-policy'];
  assert.match(policy, /^default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
});
