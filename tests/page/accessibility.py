"""Looks at a page as somebody would who does not see it, or not well."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Contrast: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio; 4.5 for text, 3 from 24 px or 18.66 px bold.
LOOK = """() => {
  const found = [];
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const ground = e => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const shown = e => { const s = getComputedStyle(e); return s.visibility !== 'hidden' && e.getClientRects().length; };
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !shown(e)) continue;
    const style = getComputedStyle(e), back = ground(e), fore = over(parse(style.color), back);
    const [a, b] = [light(fore), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`contrast ${ratio.toFixed(2)}: ${e.textContent.trim().slice(0, 40)}`);
  }
  if (document.querySelectorAll('main').length !== 1) found.push('not one main');
  if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
  if (!document.documentElement.lang || !document.title) found.push('no language or title');
  let level = 0;
  for (const h of document.querySelectorAll('h1, h2, h3, h4')) {
    if (+h.tagName[1] > level + 1) found.push(`heading jumps: ${h.textContent}`);
    level = +h.tagName[1];
  }
  const named = e => (e.getAttribute('aria-label') || e.textContent || e.title || '').trim();
  for (const e of document.querySelectorAll('a, button, summary')) if (!named(e)) found.push(`no name: ${e.outerHTML}`);
  for (const e of document.querySelectorAll('svg'))
    if (e.getAttribute('aria-hidden') !== 'true' && !e.getAttribute('aria-label')) found.push('svg without name');
  for (const e of document.querySelectorAll('input, select')) if (!e.labels.length) found.push(`no label: ${e.name}`);
  for (const e of document.querySelectorAll('nav, section, [role=group]'))
    if (!e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby')) found.push('region without name');
  for (const e of document.querySelectorAll('table')) {
    if (!e.caption) found.push('table without caption');
    if (e.tHead && [...e.tHead.rows[0].cells].some(c => c.scope !== 'col')) found.push('head without scope');
    if (e.tHead && [...e.tBodies[0].rows].some(r => r.cells[0].scope !== 'row')) found.push('row without head');
  }
  for (const e of document.querySelectorAll('[aria-labelledby]'))
    if (!document.getElementById(e.getAttribute('aria-labelledby'))) found.push('label is missing');
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) found.push('an id twice');
  for (const e of document.querySelectorAll('.scroll')) if (e.tabIndex !== 0) found.push('scrolls by mouse only');
  return [...new Set(found)];
}"""


def complaints(page: Page) -> list[str]:
    """Returns what is wrong with the page that is shown, one sentence each; needs JavaScript in the browser."""
    found: list[str] = page.evaluate(LOOK)
    return found
