/// What is run in the browser on pages of hostile texts.
enum HostilePageScripts {
    /// Says what is wrong with a page as it stands, and what texts are on it.
    static let check = #"""
        const wrong = [];
        const hex = (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0');
        const ascii = (text) => text.slice(0, 160).replace(/[^\x20-\x7e]/g, hex);
        const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
        const say = (what, element) => { if (wrong.length < 20) wrong.push(`${what}: ${ascii(element.outerHTML)}`); };
        const all = [...document.querySelectorAll('*')];
        const articles = [...document.querySelectorAll('article')];
        const body = (element) => element.parentElement?.closest('.text');

        // What people wrote is text, links and marks, and nothing else is on the page than ever.
        const allowed = new Set(`html head meta title link script body a header svg rect path span form label input main
          h1 h2 h3 p nav div section article time textarea output button footer code pre dl dt dd details summary bdi ul
          li br dialog`.split(/\s+/));
        const known = /^(aria-|data-)|^(id|class|dir|lang|name|content|charset|rel|href|type|title|src|role)$/;
        const drawn = /^(viewBox|focusable|width|height|rx|fill|d|x|y|datetime|tabindex|open|defer|hidden|closedby)$/;
        const field = /^(method|action|form|for|value|rows|required|placeholder|autocomplete|maxlength|spellcheck)$/;
        const isKnown = (name) => known.test(name) || drawn.test(name) || field.test(name);
        for (const element of all) {
          const names = element.getAttributeNames();
          const isLink = element.localName === 'a';
          if (body(element)) {
            if (isLink) {
              const isOurs = names.join() === 'rel,href' && element.rel === 'nofollow noopener ugc';
              if (!isOurs) say('a link is not as ours', element);
              // An address that is none has no protocol, and leads nowhere.
              const isWeb = /^https?:$/.test(element.protocol) && element.username === '' && element.password === '';
              if (!isWeb || element.textContent !== element.getAttribute('href')) say('a link lies', element);
            } else if (!element.matches('mark, br') || names.length > 0) say('markup in a text', element);
            continue;
          }
          if (!allowed.has(element.localName)) say('an unknown element', element);
          if (!names.every(isKnown)) say('an unknown attribute', element);
          if (isLink && new URL(element.href).origin !== location.origin) say('a link that leads away', element);
          const isForeign = () => element.text || !element.src.startsWith(location.origin + '/assets/');
          if (element.localName === 'script' && isForeign()) say('a script', element);
        }
        const some = '.tag, .tall, .fold, .unfold';
        const skeleton = (article) => [...article.querySelectorAll('*')].filter((e) => !body(e) && !e.matches(some))
          .map((e) => e.localName + e.getAttributeNames().sort()).join(' ');
        const kinds = new Set(articles.map(skeleton));
        if (kinds.size > 1) wrong.push(`articles of ${kinds.size} shapes: ${ascii([...kinds].join(' | '))}`);
        const parts = (article) => article.querySelectorAll('.text, .author, time').length;
        if (articles.some((a) => parts(a) !== 3)) wrong.push('an article in an article');

        // Nothing ran, and nothing was asked for elsewhere.
        if (document.title === 'broken' || window.length > 0) wrong.push('something ran');
        for (const { name } of performance.getEntriesByType('resource')) {
          if (new URL(name).origin !== location.origin) wrong.push(`asked for ${ascii(name)}`);
        }
        const refused = (report) => wrong.push(`refused by the policy: ${ascii(JSON.stringify(report.body))}`);
        const kind = { types: ['csp-violation'], buffered: true };
        const policy = new ReportingObserver((reports) => reports.forEach(refused), kind);
        policy.observe();
        await new Promise((done) => setTimeout(done));
        policy.takeRecords().forEach(refused);

        // Everything is in its place.
        const room = document.documentElement.clientWidth + 0.5;
        const wide = document.documentElement.scrollWidth;
        if (wide > room) wrong.push(`the page is ${wide} wide`);
        const range = document.createRange();
        const textNodes = (root) => {
          const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
          const nodes = [];
          while (walker.nextNode()) nodes.push(walker.currentNode);
          return nodes;
        };
        for (const element of all) {
          if (element.closest('.sr, .skip, head') || body(element)) continue;
          // What cannot be broken into lines is scrolled.
          const scrolls = element.parentElement?.closest('pre');
          if (scrolls && getComputedStyle(scrolls).overflowX === 'auto') continue;
          const box = (element.closest('article') || document.documentElement).getBoundingClientRect();
          const isOut = (r) => r.width > 0 && (r.right > box.right + 0.5 || r.left < box.left - 0.5);
          if ([...element.getClientRects()].some(isOut)) say('beyond its box', element);
        }
        const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
        // Only a character that is wider than the box by itself sticks out of it, and white space at the end of a line.
        const isOut = (node, box) => [...graphemes.segment(node.data)].some(({ segment, index }) => {
          if (/^\s/.test(segment)) return false;
          range.setStart(node, index);
          range.setEnd(node, index + segment.length);
          const isBeyond = (r) => (r.right > box.right + 0.5 && r.left > box.left + 0.5)
            || (r.left < box.left - 0.5 && r.right < box.right - 0.5);
          return [...range.getClientRects()].some((r) => r.width > 0 && isBeyond(r));
        });
        let previous;
        for (const article of articles) {
          const box = article.getBoundingClientRect();
          const text = article.querySelector('.text');
          const style = getComputedStyle(text);
          const isClipped = [style.overflowX, style.overflowY].every((way) => way === 'clip')
            && parseFloat(style.overflowClipMargin) <= 5;
          if (!isClipped) say('not clipped', text);
          for (const node of textNodes(article)) {
            if (node.parentElement.closest('.sr')) continue;
            const home = text.contains(node) ? text : article;
            if (isOut(node, home.getBoundingClientRect())) say('out of its box', article);
          }
          if (previous && box.top < previous.bottom - 0.5) say('over the one before', article);
          previous = box;
        }

        // The next message's author is to be seen, to be clicked, and read from left to right whatever stands above.
        const isLeftToRight = (element) => {
          const node = textNodes(element).pop();
          const places = [...node.data].map((_, i) => {
            range.setStart(node, i);
            range.setEnd(node, i + 1);
            return range.getBoundingClientRect();
          });
          return places.every((p, i) => i === 0 || p.left > places[i - 1].left || p.top > places[i - 1].top);
        };
        for (const code of document.querySelectorAll('dd > code')) {
          if (!isLeftToRight(code)) say('turned around', code);
        }
        for (const article of articles) {
          const [author, time] = ['.digits', '.time'].map((name) => article.querySelector(name));
          author.scrollIntoView({ block: 'center' });
          const [a, b] = [author, time].map((e) => e.getBoundingClientRect());
          if (!isLeftToRight(author) || !isLeftToRight(time)) say('turned around', article);
          if (a.right > b.left + 0.5 && a.bottom > b.top + 1) say('in another order', article);
          for (const [element, rect] of [[author, a], [time, b]]) {
            const hit = document.elementFromPoint(rect.left + rect.width / 2, rect.top + rect.height / 2);
            if (hit?.closest('a') !== element.closest('a')) say('covered', article);
          }
        }
        scrollTo(0, 0);
        return {
          wrong, marks: document.querySelectorAll('.text mark').length,
          names: [...document.querySelectorAll('article .name')].map((name) => base64(name.textContent)),
          texts: articles.map((a) => [a.id, base64(a.querySelector('.text').textContent)]),
        };
        """#

    /// Makes what people wrote red, and nothing else, so that a picture shows where it is.
    static let paint = #"""
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(`* { animation: none !important } .icon, mark { visibility: hidden }
          .text, .text *, .tag, .title, .name, .channels a, dd bdi, pre { color: #f00 !important; text-decoration: none !important }`);
        document.adoptedStyleSheets = [sheet];
        scrollTo(0, 0);
        """#

    /// Of a picture of the painted page: how much is red in the boxes of texts and names, and where else.
    static let ink = #"""
        const picture = new Image();
        picture.src = 'data:image/png;base64,' + arguments[0];
        await picture.decode();
        const [width, height] = [picture.width, picture.height];
        const canvas = new OffscreenCanvas(width, height).getContext('2d');
        canvas.drawImage(picture, 0, 0);
        const { data } = canvas.getImageData(0, 0, width, height);
        const isHome = new Uint8Array(width * height);
        // What is clipped may stick out by a quarter of a letter's height, and a pixel is never half painted here.
        const margin = 5;
        for (const element of document.querySelectorAll('.text, .tag, .title, .name, .channels a, dd, pre')) {
          const box = element.getBoundingClientRect();
          const left = Math.max(0, Math.floor(box.left - margin));
          const right = Math.min(width, Math.ceil(box.right + margin));
          for (let y = Math.max(0, Math.floor(box.top - margin)); y < Math.min(height, box.bottom + margin); y++) {
            isHome.fill(1, y * width + left, y * width + right);
          }
        }
        let inside = 0;
        const outside = [];
        for (let i = 0; i < width * height; i++) {
          if (data[4 * i] < 215 || data[4 * i + 1] > 100 || data[4 * i + 2] > 100) continue;
          if (isHome[i]) inside++; else outside.push(`${i % width},${Math.floor(i / width)}`);
        }
        return { inside, outside: outside.length, first: outside.slice(0, 10) };
        """#
}
