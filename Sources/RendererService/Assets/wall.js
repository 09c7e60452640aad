// The page is complete without this file. It adds local times and live messages.
'use strict';
(() => {
  const { byId } = page;
  const list = byId('messages');

  // Times: relative for a day, then local, and short: they have the room of a short line. The exact one on demand.
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
  const recent = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' });
  const old = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
  const spell = (time) => {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) return;
    const seconds = (date - Date.now()) / 1000;
    const age = Math.abs(seconds);
    time.title = exact.format(date);
    if (time.classList.contains('exact')) time.textContent = time.title;
    else if (age < 45) time.textContent = relative.format(0, 'second');
    else if (age < 3600) time.textContent = relative.format(Math.round(seconds / 60) || -1, 'minute');
    else if (age < 86400) time.textContent = relative.format(Math.round(seconds / 3600), 'hour');
    else time.textContent = (age < 300 * 86400 ? recent : old).format(date);
  };
  const spellAll = (root) => root.querySelectorAll('time').forEach(spell);
  spellAll(document);
  setInterval(() => spellAll(document), 60000);

  // A day begins at the reader's midnight, which only the browser knows.
  const since = byId('since');
  if (since) {
    since.form.addEventListener('formdata', ({ formData }) => {
      const ahead = -new Date(`${since.value}T00:00`).getTimezoneOffset();
      if (Number.isNaN(ahead)) return;
      const two = (number) => String(Math.floor(number)).padStart(2, '0');
      formData.set('zone', `${ahead < 0 ? '-' : '+'}${two(Math.abs(ahead) / 60)}:${two(Math.abs(ahead) % 60)}`);
    });
  }

  // Live messages.
  if (!list || !list.dataset.events || !window.EventSource) return;
  const live = byId('live');
  const announce = byId('announce');
  const title = document.title;
  const kept = 300;
  let waiting = [];
  let unread = 0;
  let more = null;

  const isOlder = (a, b) => {
    const difference = Number(a.dataset.time) - Number(b.dataset.time);
    return difference === 0 ? a.id < b.id : difference < 0;
  };
  const belongsFurtherDown = (article) =>
    byId('older') && list.lastElementChild && isOlder(article, list.lastElementChild);
  const insert = (article) => {
    if (byId(article.id)) return;
    let next = list.firstElementChild;
    while (next && isOlder(article, next)) next = next.nextElementSibling;
    const older = byId('older');
    list.insertBefore(article, next);
    if (!muting.isMuted(article)) article.classList.add('fresh');
    setTimeout(() => article.classList.remove('fresh'), 4000);
    spellAll(article);
    const empty = byId('empty');
    if (empty) empty.remove();
    if (older && list.childElementCount > kept) {
      list.lastElementChild.remove();
      const end = list.lastElementChild;
      older.href = older.href.replace(/before=.*/, `before=${end.dataset.time}-${end.id}`);
    }
    muting.add(article);
  };
  const flush = () => {
    waiting.forEach(insert);
    waiting = [];
    if (more) more.remove();
    more = null;
  };
  const offer = (label, action) => {
    if (!more) {
      more = document.createElement('button');
      more.type = 'button';
      more.className = 'more';
      document.body.append(more);
    }
    more.textContent = label;
    more.onclick = action;
  };
  const isReadingBelow = () => list.getBoundingClientRect().top < -40;
  const show = (article) => {
    if (belongsFurtherDown(article)) return;
    if (byId(article.id) || waiting.some((other) => other.id === article.id)) return;
    const isBelow = isReadingBelow();
    if (isBelow) waiting.push(article);
    else insert(article);
    // What the reader muted comes in silence.
    if (muting.isMuted(article)) return;
    const fresh = waiting.filter((other) => !muting.isMuted(other)).length;
    if (isBelow) offer(`${fresh} new`, () => { flush(); scrollTo({ top: 0 }); list.querySelector('article:not(.muted) a')?.focus({ preventScroll: true }); });
    if (document.hidden) document.title = `(${++unread}) ${title}`;
    announce.textContent = fresh > 1 ? `${fresh} new messages` : 'A new message';
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    unread = 0;
    document.title = title;
  });
  addEventListener('scroll', () => { if (waiting.length && !isReadingBelow()) flush(); }, { passive: true });

  const status = (on) => {
    if (!on && live.hidden) return;  // the first one takes a moment
    live.hidden = false;
    live.classList.toggle('on', on);
    live.textContent = on ? 'Live' : 'Not live';
  };
  const take = ({ kind, data }) => {
    if (kind === 'reset') {
      offer('Show what is new', () => location.reload());
      return;
    }
    const message = JSON.parse(data);
    if (list.dataset.end && message.end !== list.dataset.end) return;
    if (list.dataset.key && message.key !== list.dataset.key) return;
    // The server made this and escaped what people wrote; the page's policy runs no script in it in any case.
    const template = document.createElement('template');
    template.innerHTML = message.html;
    const article = template.content.firstElementChild;
    if (article) show(article);
  };
  following({ address: list.dataset.events, last: list.dataset.last, onEvent: take, onState: status });
})();
