// SPDX-License-Identifier: MIT
//
// Every page in every state, as [name, who, what leads to it]. "empty", "refused" and
// "filled" are the states of a form; other pages have those that they have.
import { freeAddress, openAs, pem, pki, register } from './portal.mjs';

const submit = (page, name) => page.getByRole('button', { name, exact: true }).click();

async function certificateForm(page) {
  await page.goto('/registrations/new');
  await page.locator('#method').check();
  await page.locator('#certificate').setInputFiles(pki('good.pem'));
  await page.locator('#application_name').fill('Course evaluation');
  await submit(page, 'Register Application');
}

async function refusedForm(page) {
  await page.goto('/registrations/new');
  await page.locator('#address').fill('someone <direct@example.edu>');
  await page.locator('#application_name').fill('x'.repeat(120));
  await page.locator('#method-network').check();
  await page.locator('#networks').fill('10.1.2.3/24\n203.0.113.9\n300.1.1.1');
  await page.locator('#owners').fill('nobody-of-that-name');
  await page.locator('#note').fill('A note\nof two lines');
  await submit(page, 'Register Application');
}

async function chosen(page, method) {
  await page.goto('/registrations/new');
  await page.locator(method).check();
}

async function ask(page, sender, client) {
  await page.goto('/check');
  await page.locator('#sender').fill(sender);
  await page.locator('#client').fill(client);
  await submit(page, 'Check');
}

async function registered(page, fields) {
  const address = await freeAddress(page);
  await page.goto(await register(page, { address, ...fields }));
  return address;
}

async function opened(page) {
  await registered(page, { method: 'certificate', certificate_text: pem('good.pem'), networks: '', note: 'For two terms' });
  for (const summary of await page.locator('summary').all()) await summary.click();
}

async function inside(page, path, fields) {
  await registered(page, fields);
  await page.goto(`${page.url()}/${path}`);
}

// What somebody else has registered, as the relay team sees it.
async function operated(page) {
  const other = await openAs('ow1');
  await registered(other);
  await page.goto(`/operator${new URL(other.url()).pathname}`);
  await other.context().close();
}

async function suspended(page) {
  const address = await registered(page);
  const team = await openAs('rl1');
  await team.goto(`/operator${new URL(page.url()).pathname}`);
  await team.locator('#reason').fill('Sends what nobody has asked for');
  await submit(team, 'Suspend');
  await team.context().close();
  return address;
}

async function operatedRate(page) {
  await operated(page);
  await page.getByRole('link', { name: 'Give it another rate' }).click();
}

// As its owner sees it once the relay team has given it a rate of its own.
async function ratedByOperator(page) {
  await registered(page, { application_type: 'scanner' });
  const team = await openAs('rl1');
  await team.goto(`/operator${new URL(page.url()).pathname}/rate`);
  await team.locator('#recipients_per_hour').fill('5000');
  await team.locator('#reason').fill('250 printers scan to one mailbox at the end of each term');
  await submit(team, 'Set the rate');
  await team.context().close();
  await page.reload();
}

const words = ['help', 'help/sources', 'help/nat', 'help/address', 'help/printers', 'help/rates', 'help/sending-addresses',
  'help/renewal', 'help/stolen-keys', 'help/certificates-2026', 'accessibility'];

export const states = [
  ['start', null, (page) => page.goto('/')],
  ['start-signed-in', 'ow1', (page) => page.goto('/')],
  ['sign-in-empty', null, (page) => page.goto('/sign-in')],
  ['sign-in-refused', null, async (page) => {
    await page.goto('/sign-in');
    await page.locator('#login').fill('ow1');
    await submit(page, 'Sign in');
  }],
  ['sign-in-ended', null, (page) => page.goto('/sign-in?next=%2Fregistrations&ended=yes')],
  // Of somebody who is signed in nowhere else: the others have sessions by the hundred when all
  // parts have run, and journeys go on at the same time.
  ['sessions-filled', 'zo9', async (page) => {
    const other = await openAs('zo9');
    await page.goto('/sessions');
    await other.context().close();
  }],
  ['sessions-ended', 'zo9', async (page) => {
    const other = await openAs('zo9');
    await page.goto('/sessions');
    await submit(page, 'End all but this one');
    await other.context().close();
  }],
  ['registrations-empty', 'nb1', (page) => page.goto('/registrations')],
  ['registrations-filled', 'ow1', async (page) => {
    await registered(page);
    await page.goto('/registrations');
  }],
  ['registrations-left', 'ow1', async (page) => {
    await registered(page, { owners: 'ow2' });
    await page.locator('form[action$="/owners/ow1/remove"] button').click();
  }],
  ['registrations-none-found', 'ow1', (page) => page.goto('/registrations?q=no-such-thing&state=attention&sort=newest')],
  ['addresses-empty', 'nb1', (page) => page.goto('/addresses')],
  ['addresses-filled', 'ow1', (page) => page.goto('/addresses')],
  ['addresses-none-found', 'ow1', (page) => page.goto('/addresses?q=no-such-thing')],
  ['new-empty', 'ow1', (page) => page.goto('/registrations/new')],
  ['new-empty-nothing-offered', 'nb1', (page) => page.goto('/registrations/new')],
  ['new-certificate', 'ow1', (page) => chosen(page, '#method')],
  ['new-hostname', 'ow1', (page) => chosen(page, '#method-hostname')],
  ['new-network', 'ow1', (page) => chosen(page, '#method-network')],
  ['new-refused', 'ow1', refusedForm],
  ['new-refused-certificate-kept', 'ow1', certificateForm],
  ['registration-new', 'ow1', async (page) => {
    const address = await freeAddress(page);
    await page.goto(`/registrations/new?address=${encodeURIComponent(address)}`);
    await page.locator('#application_name').fill('Printers of the library');
    await page.locator('#application_type-scanner').check();
    await page.locator('#location').check();
    await page.locator('#method-hostname').check();
    await page.locator('#hostnames').fill('noptr.example.edu');
    await submit(page, 'Register Application');
  }],
  ['registration-certificate', 'ow1', opened],
  ['registration-networks', 'ow1', (page) => registered(page, {
    application_type: 'scanner',
    networks: '10.1.2.0/24\n10.1.9.7\n2001:db8:c0:1::/64\n127.0.0.77',
  })],
  ['registration-suspended', 'ow1', async (page) => {
    await suspended(page);
    await page.reload();
  }],
  ['registration-retired', 'ow1', async (page) => {
    await inside(page, 'retire');
    await submit(page, 'Retire this registration');
    await page.reload();
  }],
  ['registration-rate', 'ow1', ratedByOperator],
  ['history-rate', 'ow1', async (page) => {
    await ratedByOperator(page);
    await page.goto(`${page.url()}/history`);
  }],
  ['history', 'ow1', async (page) => {
    await registered(page);
    await page.goto(`${page.url()}/history`);
  }],
  ['edit-filled', 'ow1', (page) => inside(page, 'edit', { note: 'For two terms' })],
  ['edit-refused', 'ow1', async (page) => {
    await inside(page, 'edit');
    await page.locator('#application_name').fill('');
    await page.locator('#note').fill('x'.repeat(2100));
    await submit(page, 'Save changes');
  }],
  ['sources-empty', 'ow1', (page) => inside(page, 'sources')],
  ['sources-refused', 'ow1', async (page) => {
    await inside(page, 'sources');
    await page.locator('#method-hostname').check();
    await page.locator('#hostnames').fill('gone.example.edu');
    await page.locator('main form button').last().click();
  }],
  ['owners-empty', 'ow1', (page) => inside(page, 'owners')],
  ['owners-refused', 'ow1', async (page) => {
    await inside(page, 'owners');
    await page.locator('#login').fill('nobody-of-that-name');
    await page.locator('main form button').last().click();
  }],
  ['owners-group', 'ow1', async (page) => {
    await inside(page, 'owners');
    await page.locator('#login').fill('g-l1');
    await submit(page, 'Add owner');
  }],
  ['retire', 'ow1', (page) => inside(page, 'retire')],
  ['operator', 'rl1', async (page) => {
    await page.goto('/operator');
    await page.locator('summary').click();
  }],
  ['operator-sessions-filled', 'rl1', async (page) => {
    const other = await openAs('zo9');
    await page.goto('/operator/sessions?login=zo9');
    await other.context().close();
  }],
  ['operator-sessions-none-found', 'rl1', (page) => page.goto('/operator/sessions?login=no-such-person')],
  ['operator-search-filled', 'rl1', (page) => page.goto('/operator/registrations?q=bulk-&list=live')],
  ['operator-search-none-found', 'rl1', (page) => page.goto('/operator/registrations?q=no-such-thing')],
  ['operator-registration', 'rl1', operated],
  ['operator-registration-refused', 'rl1', async (page) => {
    await operated(page);
    await submit(page, 'Suspend');
  }],
  ['operator-rate-empty', 'rl1', operatedRate],
  ['operator-rate-refused', 'rl1', async (page) => {
    await operatedRate(page);
    await page.locator('#recipients_per_hour').fill('5,000');
    await submit(page, 'Set the rate');
  }],
  ['operator-list-at-limit', 'rl1', (page) => page.goto('/operator/registrations?list=at-limit')],
  ['check-empty', null, (page) => page.goto('/check')],
  ['check-refused', null, (page) => ask(page, '', 'not a host')],
  ['check-filled-no', null, (page) => ask(page, 'nobody-registered-this@example.edu', '127.0.0.21')],
  ['check-filled-own', 'ow1', async (page) => {
    const address = await registered(page);
    await ask(page, address, 'web1.example.edu');
  }],
  ['check-filled-suspended', 'ow1', async (page) => ask(page, await suspended(page), '127.0.0.31')],
  ['check-filled-certificate', 'ow1', async (page) => {
    const address = await registered(page, { method: 'certificate', certificate_text: pem('good.pem'), networks: '' });
    await page.goto('/check');
    await page.locator('#sender').fill(address);
    await page.locator('#certificate').setInputFiles(pki('good.pem'));
    await submit(page, 'Check');
  }],
  ['check-filled-name', null, (page) => ask(page, 'nobody-registered-this@example.edu', 'web1.example.edu')],
  ['not-found', 'ow1', (page) => page.goto('/registrations/00000000-0000-4000-8000-000000000000')],
  ['not-understood', null, (page) => page.goto('/check?what=this')],
  ...words.map((path) => [path.replace('/', '-'), null, (page) => page.goto(`/${path}`)]),
];
