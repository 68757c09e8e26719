// SPDX-License-Identifier: MIT
//
// What people come to do, from the first page to the end, with JavaScript off and on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { expectRefused, freeAddress, open, openAs, pem, pki, reloadUntil, screenshot, signIn, start, stop,
  typed } from './portal.mjs';

before(start);
after(stop);

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

async function fillForm(page, address, method, value) {
  await page.getByLabel('Sending address').fill(address);
  await page.getByLabel('Name of the application').fill('Course evaluation');
  await page.getByLabel('Web Application').check();
  await page.getByLabel('Campus networks').check();
  await page.getByLabel(method, { exact: true }).check();
  if (method.startsWith('TLS')) await page.getByLabel('Upload the certificate').setInputFiles(pki(value));
  else await page.locator('.app-reveal textarea:visible').fill(value);
}

async function answerOf(page, sender, client, certificate) {
  await page.goto('/check');
  await page.locator('#sender').fill(sender);
  await page.locator('#client').fill(client);
  if (certificate) await page.locator('#certificate').setInputFiles(pki(certificate));
  await press(page, 'Check');
  return (await page.locator('#answer').innerText()).split(':')[0];
}

for (const javaScriptEnabled of [false, true]) {
  const with_ = javaScriptEnabled ? 'JavaScript on' : 'JavaScript off';

  test(`the owner of an EGA registers three addresses, and the relay obeys (${with_})`, async () => {
    const page = await openAs('ow1', { javaScriptEnabled });
    const wanted = [
      ['direct@example.edu', 'IP addresses', '127.0.0.21/32'],
      ['many@example.edu', 'DNS hostname', 'web2.example.edu'],
      ['many-alias@example.edu', 'TLS certificate (recommended)', 'good.pem'],
    ];
    for (const one of wanted) {
      one[0] = await freeAddress(page, one[0]);
      await page.goto('/');
      await page.getByRole('link', { name: 'Create Registration' }).click();
      await fillForm(page, ...one);
      await press(page, 'Register Application');
      assert.match(page.url(), /\/registrations\/[0-9a-f-]{36}$/);
      assert.ok((await page.locator('.govuk-notification-banner').innerText()).includes(`${one[0]} is registered.`));
    }
    await reloadUntil(page, 'On the relay since');
    const [[network], [hostname], [certificate]] = wanted;
    assert.equal(await answerOf(page, network, '127.0.0.21'), 'Yes');
    assert.equal(await answerOf(page, hostname, 'web2.example.edu'), 'Yes');
    assert.equal(await answerOf(page, certificate, '127.0.0.99', 'renewed.pem'), 'Yes');
    assert.equal(await answerOf(page, network, '127.0.0.22'), 'No');
    assert.equal(await answerOf(page, hostname, '127.0.0.21'), 'No');
    assert.equal(await answerOf(page, certificate, '127.0.0.99', 'next.pem'), 'No');
    assert.deepEqual(page.faults, []);
  });

  test(`a refused form keeps all that was typed, and the upload (${with_})`, async () => {
    const page = await openAs('ow1', { javaScriptEnabled });
    const address = await freeAddress(page);
    await page.goto('/registrations/new');
    await page.getByLabel('DNS hostname').check();
    await page.locator('#hostnames').fill('web1.example.edu\n  web2.example.edu');
    await page.getByLabel('IP addresses', { exact: true }).check();
    await page.locator('#networks').fill('10.1.2.0/24, 10.9.9.9');
    await fillForm(page, 'direct@elsewhere.example', 'TLS certificate (recommended)', 'good.pem');
    await page.getByLabel('Name of the application').fill('');
    await page.getByLabel('Azure').check();
    await page.locator('#owners').fill('ow2\nno-such-login');
    await page.locator('#note').fill('<b>"Two" & more</b>\n\n  lines');
    const before_ = await typed(page);
    await press(page, 'Register Application');
    const links = await expectRefused(page);
    assert.deepEqual(links.map(([id]) => id), ['address', 'application_name', 'owners']);
    const after_ = await typed(page);
    assert.deepEqual(after_.filter((one) => !one.startsWith('certificate_text=')),
      before_.filter((one) => !one.startsWith('certificate_text=')));
    assert.ok((await page.locator('#certificate_text').inputValue()).includes(pem('good.pem').split('\n')[1]));
    const read = await page.locator('#certificate-read').innerText();
    assert.match(read, /good\.example\.edu/);
    assert.match(read, /AppSMTP Demo Common/);
    assert.match(read, /\d+ days more/);
    await page.locator(`.govuk-error-summary a[href="#owners"]`).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('ow2');
    await page.getByLabel('Sending address').fill(address);
    await page.getByLabel('Name of the application').fill('Put right');
    await press(page, 'Register Application');
    assert.match(page.url(), /\/registrations\/[0-9a-f-]{36}$/);
    assert.match(await page.locator('main').innerText(), /good\.example\.edu/);
    assert.deepEqual(page.faults, []);
  });

  test(`a sign-in that ended in the middle of the form loses nothing (${with_})`, async () => {
    const page = await openAs('ow1', { javaScriptEnabled });
    const address = await freeAddress(page);
    await page.goto('/registrations/new');
    await fillForm(page, address, 'TLS certificate (recommended)', 'good.pem');
    await page.locator('#note').fill('Kept');
    const before_ = await typed(page);
    await page.context().clearCookies();
    await press(page, 'Register Application');
    assert.match(page.url(), /\/sign-in/);
    assert.match(await page.locator('main').innerText(), /What you typed is kept/);
    await page.locator('#login').fill('ow1');
    await page.locator('#password').fill('own-one');
    await press(page, 'Sign in');
    assert.match(page.url(), /\/registrations\/new$/);
    assert.deepEqual((await typed(page)).filter((one) => !one.startsWith('certificate_text=')),
      before_.filter((one) => !one.startsWith('certificate_text=')));
    assert.match(await page.locator('#certificate-read').innerText(), /good\.example\.edu/);
    await screenshot(page, `form-after-signing-in-again-${javaScriptEnabled ? 'on' : 'off'}`);
    await press(page, 'Register Application');
    assert.match(page.url(), /\/registrations\/[0-9a-f-]{36}$/);
  });

  test(`only the chosen way's input is shown (${with_})`, async () => {
    const page = await openAs('ow1', { javaScriptEnabled });
    await page.goto('/registrations/new');
    const shown = async () => {
      const ids = [];
      for (const id of ['certificate', 'hostnames', 'networks']) if (await page.locator(`#${id}`).isVisible()) ids.push(id);
      return ids;
    };
    assert.deepEqual(await shown(), []);
    for (const [radio, id] of [['#method', 'certificate'], ['#method-hostname', 'hostnames'], ['#method-network', 'networks']]) {
      await page.locator(radio).check();
      assert.deepEqual(await shown(), [id]);
    }
  });
}

test('a first-time user with good.pem needs one page, one upload, at most 8 inputs', async () => {
  const page = await openAs('ow1', { javaScriptEnabled: false });
  const address = await freeAddress(page);
  await page.goto('/');
  await page.getByRole('link', { name: 'Create Registration' }).click();
  const form = page.url();
  let inputs = 0;
  const use = async (act) => { inputs++; await act; };
  await use(page.getByLabel('Sending address').fill(address));
  await use(page.getByLabel('Name of the application').fill('My application'));
  await use(page.getByLabel('Web Application').check());
  await use(page.getByLabel('Campus networks').check());
  await use(page.getByLabel('TLS certificate (recommended)').check());
  await use(page.getByLabel('Upload the certificate').setInputFiles(pki('good.pem')));
  assert.equal(page.url(), form);
  await press(page, 'Register Application');
  assert.match(page.url(), /\/registrations\/[0-9a-f-]{36}$/);
  assert.ok(inputs <= 8, `${inputs} inputs`);
});

// Moves the focus with the Tab key only, as somebody without a mouse does.
async function tabTo(page, selector) {
  for (let count = 0; count < 200; count++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the Tab key never came to ${selector}`);
}

test('with the keyboard alone: sign in, register, be refused, put it right, ask, sign out', async () => {
  const helper = await openAs('ow1');
  const address = await freeAddress(helper);
  const page = await open({ viewport: { width: 320, height: 256 } });
  const { keyboard } = page;
  await page.goto('/');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  assert.match(page.url(), /#main-content$/);
  await tabTo(page, 'a.govuk-button');
  await keyboard.press('Enter');
  await page.waitForURL('**/sign-in?*');
  await tabTo(page, '#login');
  await keyboard.type('ow1');
  await keyboard.press('Tab');
  await keyboard.type('own-one');
  await keyboard.press('Enter');
  await page.waitForURL('**/registrations/new');
  await tabTo(page, '#address');
  await keyboard.type(address);
  await keyboard.press('Escape');
  await tabTo(page, '#application_name');
  await keyboard.type('By keyboard');
  await tabTo(page, '#application_type');
  await keyboard.press('ArrowDown');
  await tabTo(page, '#location');
  await keyboard.press('Space');
  await tabTo(page, '#method');
  await keyboard.press('Space');
  await keyboard.press('ArrowDown');
  await keyboard.press('ArrowDown');
  await tabTo(page, '#networks');
  await keyboard.type('127.0.0.66/24');
  await tabTo(page, 'main button');
  await keyboard.press('Enter');
  await page.locator('.govuk-error-summary').waitFor();
  await expectRefused(page);
  assert.ok(await page.evaluate(() => document.activeElement.matches('.govuk-error-summary')), 'the summary has the focus');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'networks');
  await keyboard.press('Control+A');
  await keyboard.type('127.0.0.66');
  await tabTo(page, 'main button');
  await keyboard.press('Enter');
  await page.waitForURL(/\/registrations\/[0-9a-f-]{36}$/);
  await tabTo(page, 'summary');
  await keyboard.press('Enter');
  assert.ok(await page.getByText('/etc/postfix/main.cf').isVisible());
  await tabTo(page, 'a[href^="/check?"]');
  await keyboard.press('Enter');
  await page.waitForURL('**/check?*');
  await tabTo(page, '#client');
  await keyboard.type('127.0.0.66');
  await keyboard.press('Enter');
  await page.locator('#answer').waitFor();
  await tabTo(page, '.app-header__button');
  await keyboard.press('Enter');
  await page.waitForURL('**/');
  assert.deepEqual(page.faults, []);
});

test('an address is chosen from the list, without typing it', async () => {
  const page = await openAs('ow1', { javaScriptEnabled: false });
  await page.goto('/registrations/new');
  await page.getByRole('link', { name: /^Choose from your/ }).click();
  await page.getByLabel('Search by address or account').fill('BULK-00');
  await press(page, 'Search');
  const link = page.getByRole('link', { name: /^Register [^ ]+@example\.edu$/ }).first();
  const address = (await link.textContent()).replace('Register', '').trim();
  await link.click();
  assert.equal(await page.getByLabel('Sending address').inputValue(), address);
});

test('who has no role learns from /check only what the relay says', async () => {
  const owner = await openAs('ow1');
  const address = await freeAddress(owner);
  await owner.goto('/registrations/new');
  await fillForm(owner, address, 'IP addresses', '127.0.0.67');
  await press(owner, 'Register Application');
  await reloadUntil(owner, 'On the relay since');
  const stranger = await openAs('nb1', { javaScriptEnabled: false });
  const nobody = await open({ javaScriptEnabled: false });
  for (const page of [stranger, nobody]) {
    assert.equal(await answerOf(page, address, '127.0.0.68'), 'No');
    const text = await page.locator('main').innerText();
    assert.match(text, /the relay saw 127\.0\.0\.68/);
    assert.doesNotMatch(text, /127\.0\.0\.67|Your registration\b|Course evaluation|ow1/);
  }
  assert.equal(await answerOf(owner, address, '127.0.0.68'), 'No');
  assert.match(await owner.locator('main').innerText(), /On the relay since/);
});

test('a list of more than fifty has pages, a search, states and an order', async () => {
  const page = await openAs('ow1', { javaScriptEnabled: false });
  await page.goto('/addresses');
  assert.equal(await page.locator('tbody tr').count(), 50);
  const first = await page.locator('tbody td').first().innerText();
  await page.getByRole('link', { name: 'Next page' }).click();
  assert.match(await page.locator('.app-pages').innerText(), /^51 to 100 of \d+/);
  assert.notEqual(await page.locator('tbody td').first().innerText(), first);
  await page.getByRole('link', { name: 'Previous page' }).click();
  assert.equal(await page.locator('tbody td').first().innerText(), first);
  await page.goto('/registrations');
  const rows = await page.locator('tbody tr').count();
  await page.getByLabel('Search by address or application').fill('put RIGHT');
  await page.getByLabel('Sort by').selectOption('newest');
  await press(page, 'Show');
  const found = await page.locator('tbody tr').allInnerTexts();
  assert.ok(found.length > 0 && found.length < rows);
  assert.ok(found.every((row) => row.includes('Put right')));
  assert.equal(await page.getByLabel('Search by address or application').inputValue(), 'put RIGHT');
  await page.getByLabel('State').selectOption('suspended');
  await press(page, 'Show');
  assert.match(await page.locator('main').innerText(), /No registration fits/);
});

test('/my-address is one line of text, and help says how to ask for it', async () => {
  const page = await open();
  const response = await page.request.get('/my-address');
  assert.match(response.headers()['content-type'], /^text\/plain/);
  assert.match(await response.text(), /^[0-9a-f.:]+\n$/);
  await page.goto('/help/address');
  assert.match(await page.locator('main').innerText(), /curl http:\/\/localhost:\d+\/my-address/);
  assert.match(await page.locator('main').innerText(), /port 25/);
});

test('no page for people has a banned word', async () => {
  const page = await openAs('ow1');
  const banned = /\b(please|sorry|valid|invalid|forbidden|illegal|prohibited|oops|you forgot)\b/i;
  for (const path of ['/', '/sign-in', '/registrations', '/registrations/new', '/addresses', '/check', '/help', '/help/sources',
    '/help/nat', '/help/address', '/help/printers', '/help/sending-addresses', '/help/renewal', '/help/certificates-2026', '/accessibility']) {
    await page.goto(path);
    const word = banned.exec(await page.locator('body').innerText());
    assert.equal(word && `${path}: ${word[0]}`, null);
  }
});

test('the sign-in page takes what a password manager pastes', async () => {
  const page = await open();
  await page.goto('/sign-in');
  assert.equal(await page.locator('#login').getAttribute('autocomplete'), 'username');
  assert.equal(await page.locator('#password').getAttribute('autocomplete'), 'current-password');
  await signIn(page, 'ow1');
});
