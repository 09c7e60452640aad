// What a reader does not want to see. It is kept in the reader's own browser and nobody else learns of it: messages by their
// ids, authors by their keys (a name is anybody's to take), texts by words.
'use strict';
const muting = (() => {
  const { attempt, make, button, short } = page;
  const place = 'p2pmsg.muted';
  const bounds = { authors: 1000, messages: 2000, words: 100 };
  const authorIn = (path) => decodeURIComponent(path.split('/').pop());
  // Upper case, because the lower one depends on where a letter stands (Σ).
  const fold = (text) => text.normalize('NFKC').toUpperCase();

  // What is kept: keys and ids with the time when they were muted, and words. Whatever else the storage holds is left out.
  const parse = (text) => {
    const found = attempt(() => JSON.parse(text)) ?? {};
    const newest = (kind) => new Map(Object.entries(found[kind] ?? {})
      .filter(([, time]) => Number.isFinite(time)).sort((a, b) => b[1] - a[1]).slice(0, bounds[kind]));
    const words = (Array.isArray(found.words) ? found.words : []).filter((word) => typeof word === 'string' && word.trim());
    return {
      authors: newest('authors'), messages: newest('messages'),
      words: new Map(words.slice(-bounds.words).map((word) => [fold(word), word])),  // by what is looked for, newest last
    };
  };
  const spell = ({ authors, messages, words }) => JSON.stringify(
    { authors: Object.fromEntries(authors), messages: Object.fromEntries(messages), words: [...words.values()] });
  let muted = parse('{}');
  let isKept = true;  // false: it lasts as long as the page
  const read = () => {
    const text = isKept ? attempt(() => localStorage.getItem(place)) : undefined;
    if (text !== undefined) muted = parse(text);
  };
  const change = (work) => {
    read();
    work();
    muted = parse(spell(muted));
    isKept = attempt(() => { localStorage.setItem(place, spell(muted)); return true; }) ?? false;
    refresh();
    (panel.open ? status : document.getElementById('announce') ?? status).textContent = sum();
  };
  const set = (kind, id, isMuted) => change(() => (isMuted ? muted[kind].set(id, Date.now()) : muted[kind].delete(id)));

  // Why a message is not shown; undefined for one that is.
  const facts = new WeakMap();
  const about = (article) => {
    if (!facts.has(article)) {
      // Not `pathname`: a message that just came in is in no page yet, where addresses have none.
      const key = authorIn(article.querySelector('.author').getAttribute('href'));
      facts.set(article, { key, text: fold(article.querySelector('.text').textContent) });
    }
    return facts.get(article);
  };
  const why = (article) => {
    const { key, text } = about(article);
    if (muted.messages.has(article.id)) return 'A message that you hid';
    if (muted.authors.has(key)) return 'A message of an author you muted';
    return [...muted.words.keys()].some((word) => text.includes(word)) ? 'A message with a word you muted' : undefined;
  };

  // On an author's page, and at the foot of each.
  const profile = document.querySelector('.profile');
  const owner = profile && authorIn(location.pathname);
  const note = make('span', {});
  const switchOwner = button('', 'plain', () => set('authors', owner, !muted.authors.has(owner)));
  profile?.lastElementChild.append(make('p', { className: 'mute' }, note, switchOwner));
  let hidden = 0;
  const sum = () => `${hidden || 'Nothing'} hidden by you on this page`;
  const count = make('span', {});
  const opener = button('What you mute', 'link', () => {
    fill();
    status.textContent = sum();
    panel.showModal();
    title.focus();
  });
  document.querySelector('.foot').append(make('p', {}, count, opener));

  // Of several muted messages in a row, the first has a line that stands for all of them.
  const isSingle = Boolean(document.querySelector('.single'));  // who opens a message wants to see it
  const shown = new Map();  // ids of what is shown for now, and why it else is not
  const lines = new WeakMap();
  const lay = ({ reason, isOpen, articles }) => articles.forEach((article, index) => {
    const isMuted = Boolean(reason) && !isOpen;
    article.classList.toggle('muted', isMuted);
    article.hidden = isMuted && index > 0;
    if (!reason || index > 0) {
      lines.get(article)?.remove();
      lines.delete(article);
      return;
    }
    if (!lines.has(article)) {
      lines.set(article, make('p', { className: 'veil' }, make('span', {}), isSingle ? '' : button('', 'link')));
      article.prepend(lines.get(article));
    }
    const [words, toggle] = lines.get(article).children;
    words.textContent = articles.length > 1 ? `${articles.length} messages that you muted` : reason;
    if (!toggle) return;
    words.append(' · ');
    toggle.textContent = isOpen ? 'Hide' : 'Show';
    toggle.onclick = () => {
      articles.forEach((other) => (isOpen ? shown.delete(other.id) : shown.set(other.id, why(other))));
      refresh();
    };
  });
  const refresh = () => {
    const at = document.activeElement?.closest('article');
    const runs = [];
    for (const article of document.querySelectorAll('article.message')) {
      const reason = why(article);
      if (shown.get(article.id) !== reason) shown.delete(article.id);
      const isOpen = isSingle || shown.has(article.id);
      const run = runs.at(-1);
      if (run && !run.reason === !reason && run.isOpen === isOpen) run.articles.push(article);
      else runs.push({ reason, isOpen, articles: [article] });
    }
    runs.forEach(lay);
    hidden = runs.reduce((before, run) => before + (run.reason && !run.isOpen ? run.articles.length : 0), 0);
    count.textContent = hidden ? `${sum()} · ` : '';
    note.textContent = muted.authors.has(owner) ? 'You muted this author. ' : '';
    switchOwner.textContent = muted.authors.has(owner) ? 'Show again' : 'Mute this author';
    if (panel.open) fill();
    // The focus does not go with what disappears.
    if (at?.classList.contains('muted')) lines.get(runs.find((run) => run.articles.includes(at)).articles[0]).lastChild.focus();
    else if (at?.isConnected && !at.contains(document.activeElement)) at.querySelector('.author').focus();
  };

  const addMenu = (article) => {
    const { key } = about(article);
    const summary = make('summary', { textContent: '⋯', 'aria-label': `What to do with this message of ${short(key)}` });
    const items = make('div', {});
    const menu = make('details', { className: 'menu' }, summary, items);
    const leave = () => {
      menu.open = false;
      summary.focus();
    };
    const item = (kind, id, isMuted, words) => button(words, '', () => {
      leave();
      set(kind, id, isMuted);
    });
    summary.onclick = () => items.replaceChildren(
      muted.messages.has(article.id) ? item('messages', article.id, false, 'Show this message again')
        : item('messages', article.id, true, 'Hide this message'),
      muted.authors.has(key) ? item('authors', key, false, 'Show this author again')
        : item('authors', key, true, 'Mute this author'));
    menu.onkeydown = (event) => { if (event.key === 'Escape') leave(); };
    article.querySelector('.head').after(menu);
  };
  const leaveOthers = ({ target }) =>
    document.querySelectorAll('.menu[open]').forEach((menu) => { menu.open = menu.contains(target); });
  document.addEventListener('click', leaveOthers);
  document.addEventListener('focusin', leaveOthers);

  // The panel: all that is muted, to take back; and words.
  const base = document.querySelector('.brand').getAttribute('href').replace(/\/tweets$/, '');
  const title = make('h2', { id: 'muted-title', tabIndex: -1, textContent: 'What you mute' });
  const status = make('p', { className: 'note', role: 'status' });
  const lists = make('div', {});
  const rows = (heading, kind, name, link) => (muted[kind].size === 0 ? [] : [
    make('h3', { textContent: heading }),
    make('ul', { className: 'channels' }, ...[...muted[kind].keys()].map((id) => make('li', {},
      link ? make('a', { href: base + link + encodeURIComponent(id) }, make('code', { textContent: name(id) }))
        : make('bdi', { textContent: name(id) }),
      button('Show again', 'plain', () => set(kind, id, false), { 'aria-label': `Show again: ${name(id)}` })))),
  ]);
  const fill = () => {
    const stops = () => [...lists.querySelectorAll('a, button')];
    const index = stops().indexOf(document.activeElement);
    lists.replaceChildren(
      ...rows('Authors', 'authors', short, '/authors/'), ...rows('Messages', 'messages', (id) => id.slice(0, 8), '/tweets/'),
      ...rows('Words', 'words', (word) => muted.words.get(word)));
    if (!lists.firstChild) lists.append(make('p', { textContent: 'Nothing yet. The ⋯ of a message hides it, or mutes its author.' }));
    if (index >= 0) (stops()[Math.min(index, stops().length - 1)] ?? title).focus();
  };
  const word = make('input', { id: 'muted-word', maxLength: 100, required: true, autocomplete: 'off', dir: 'auto' });
  const form = make('form', {}, make('label', { htmlFor: 'muted-word', textContent: 'Mute what has this word' }),
    make('div', { className: 'row' }, word, make('button', { className: 'plain', textContent: 'Mute' })));
  form.onsubmit = (event) => {
    event.preventDefault();
    const text = word.value.trim();
    if (text) change(() => muted.words.set(fold(text), text));
    word.value = '';
  };
  const panel = make('dialog', { 'aria-labelledby': 'muted-title', closedby: 'any' }, title,
    make('p', { className: 'note', textContent: 'Kept in this browser only. Nobody else learns of it.' }), status, lists, form,
    make('p', { className: 'row' }, button('Close', 'plain', () => panel.close()), button('Show everything again', 'plain', () => {
      if (confirm('Forget all that you mute?')) change(() => { muted = parse('{}'); });
    })));
  document.body.append(panel);

  const follow = () => {
    read();
    refresh();
  };
  addEventListener('storage', ({ key }) => { if (key === place || key === null) follow(); });
  addEventListener('pageshow', ({ persisted }) => { if (persisted) follow(); });
  document.querySelectorAll('article.message').forEach(addMenu);
  follow();
  return {
    isMuted: (article) => why(article) !== undefined,
    refresh,
    // A message that came into the page.
    add(article) {
      addMenu(article);
      if (muted.authors.size + muted.messages.size + muted.words.size > 0) refresh();
    },
  };
})();
