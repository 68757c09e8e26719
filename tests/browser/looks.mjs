// SPDX-License-Identifier: MIT
//
// What can be measured of a page's looks: widths, targets, focus, borders. Each
// function returns what is wrong, as texts.

// WCAG 1.4.10 and 1.4.12: nothing needs sideways scrolling, also with wide text spacing.
// Lines to copy scroll by themselves.
export function sidewaysFaults(page, width) {
  return page.evaluate((most) => {
    const faults = [];
    const look = (when) => {
      if (document.documentElement.scrollWidth <= most) return;
      const wide = [...document.querySelectorAll('body *')].filter((one) =>
        one.getBoundingClientRect().right > most + 1 && !one.parentElement.closest('pre'));
      faults.push(`${when} ${document.documentElement.scrollWidth} px wide: ${wide.slice(-1)[0]?.outerHTML.slice(0, 120)}`);
    };
    look('page is');
    const spacing = new CSSStyleSheet();
    spacing.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }');
    document.adoptedStyleSheets = [spacing];
    look('with text spacing the page is');
    document.adoptedStyleSheets = [];
    return faults;
  }, width);
}

// WCAG 2.5.8, without its exception for spacing; links inside a sentence are exempt.
export function targetFaults(page) {
  return page.evaluate(() => {
    const inSentence = (one) => one.matches('a') && getComputedStyle(one).display === 'inline' &&
      one.closest('p, li, dd, td, div').textContent.trim().length > one.textContent.trim().length;
    return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
      .filter((one) => one.checkVisibility() && !one.matches('.govuk-skip-link:not(:focus)') && !inSentence(one))
      .map((one) => [one, one.getBoundingClientRect()])
      .filter(([, box]) => box.width < 24 || box.height < 24)
      .map(([one, box]) => `${Math.round(box.width)} x ${Math.round(box.height)} px: ${one.outerHTML.slice(0, 120)}`);
  });
}

// WCAG 2.4.7 and 2.4.11: Tab through the whole page; what has the focus looks different
// than without it, is inside the window, and nothing lies over it.
export async function focusFaults(page) {
  const faults = [];
  const seen = new Set();
  await page.evaluate(() => {
    const look = (one) => ['', '::before'].map((part) => {
      const style = getComputedStyle(one, part);
      return [style.outlineStyle, style.outlineColor, style.outlineWidth, style.boxShadow, style.backgroundColor].join();
    }).join();
    const parts = (one) => [one, ...(one.labels ?? []), ...one.children];
    window.lookOf = (one) => parts(one).map(look).join();
    document.activeElement?.blur();
    window.scrollTo(0, 0);
    window.unfocused = new Map([...document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex]')]
      .map((one) => [one, window.lookOf(one)]));
    // Tab goes on from what was clicked last: from the very top then.
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  for (let count = 0; count < 400; count++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body || one === document.documentElement) return null;
      one.marker ??= Math.random();
      const boxes = [...one.getClientRects(), ...[...(one.labels ?? [])].flatMap((label) => [...label.getClientRects()])];
      const hit = boxes.some((box) => {
        // What is taller than the window may begin above it.
        const y = Math.max(box.top + Math.min(box.height / 2, 12), Math.min(12, box.bottom - 1));
        const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 12), y);
        return top && (one.contains(top) || top.contains(one) && top !== document.body && top !== document.documentElement ||
          [...(one.labels ?? [])].some((label) => label.contains(top)));
      });
      const fault = !hit ? 'covered' : window.unfocused.get(one) === window.lookOf(one) ? 'not visible' : '';
      return { marker: one.marker, fault, html: one.outerHTML.slice(0, 120) };
    });
    if (!found || seen.has(found.marker)) break;
    seen.add(found.marker);
    if (found.fault) faults.push(`focus is ${found.fault}: ${found.html}`);
  }
  if (seen.size < 5) faults.push(`only ${seen.size} stops for the Tab key`);
  return faults;
}

// WCAG 1.4.11: borders of inputs stand out from what is around them.
export function weakBorders(page) {
  return page.evaluate(() => {
    const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
    const luminance = (colour) => {
      const [r, g, b] = numbers(colour).slice(0, 3).map((value) => value / 255)
        .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (one) => {
      for (; one; one = one.parentElement) {
        const colour = getComputedStyle(one).backgroundColor;
        if (numbers(colour)[3] !== 0) return colour;
      }
      return 'rgb(255, 255, 255)';
    };
    return [...document.querySelectorAll('.govuk-input, .govuk-textarea, .govuk-select, .govuk-radios__label, .govuk-checkboxes__label')]
      .filter((one) => one.checkVisibility())
      .map((one) => [one, getComputedStyle(one, one.matches('label') ? '::before' : '').borderTopColor, behind(one.parentElement)])
      .map(([one, border, ground]) => [one, (Math.max(luminance(border), luminance(ground)) + 0.05) / (Math.min(luminance(border), luminance(ground)) + 0.05)])
      .filter(([, contrast]) => contrast < 3)
      .map(([one, contrast]) => `border has a contrast of ${contrast.toFixed(1)}: ${one.outerHTML.slice(0, 100)}`);
  });
}
