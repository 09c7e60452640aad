// One stream of live messages for all pages of a wall in a browser: over HTTP/1.1 a browser has six connections to a site,
// and a stream holds one of them for good. The page that was shown last has it (a lock says so) and tells the others (over a
// channel). A browser that knows neither has a stream for each page, as it is at an address that is not secure.
'use strict';
const following = (() => {
  const seconds = 1000;
  const patience = { shared: 300 * seconds, alone: 20 * seconds };  // how long a page that nobody sees keeps its stream
  const pause = 10 * seconds;
  // Whether who has all up to one place has all up to another one. Places in different stores tell nothing.
  const isPast = (mine, other) => {
    const [a, b] = [mine, other].map((place) => place.split(/:(?=\d+$)/));
    return a[0] === b[0] && Number(a[1]) >= Number(b[1]);
  };

  // - last: where the page stands.
  // - onEvent: takes every event at least once.
  // - onState: takes whether there is a stream.
  return ({ address, last, onEvent, onState }) => {
    const name = `p2pmsg ${address}`;
    let isShared = Boolean(window.BroadcastChannel && navigator.locks);
    let source, channel, leave, resting, heard;
    let isCatchingUp = false;
    const listen = (query, take) => {
      const stream = new EventSource(`${address}?${query}last=${encodeURIComponent(last)}`);
      ['message', 'new', 'hidden', 'reset'].forEach((kind) => stream.addEventListener(kind, ({ data, lastEventId }) =>
        take({ kind, data, place: lastEventId || last })));
      return stream;
    };

    // With the stream.
    const tell = () => {
      const isOpen = source.readyState === EventSource.OPEN;
      onState(isOpen);
      channel?.postMessage({ leader: last, isOpen });
    };
    const lead = () => {
      source?.close();
      const stream = listen('', (event) => {
        if (stream !== source) return;
        last = event.place;
        channel?.postMessage(event);
        onEvent(event);
      });
      source = stream;
      stream.onopen = tell;
      stream.onerror = () => {
        if (stream !== source) return;
        tell();
        // The browser connects again by itself, unless the server said no.
        if (stream.readyState === EventSource.CLOSED) setTimeout(() => { if (stream === source) lead(); }, pause);
      };
      tell();
    };
    const stop = () => {
      source?.close();
      source = undefined;
    };

    // Without it. What was told while nobody listened here is asked for, by one page after the other.
    const ask = () => channel?.postMessage({ ask: true });
    const catchUp = (place) => {
      if (isCatchingUp) return;
      isCatchingUp = true;
      heard = undefined;
      navigator.locks.request(`${name} missed`, () => new Promise((done) => {
        const end = (isWhole) => {
          missed.close();
          isCatchingUp = false;
          if (!isWhole) setTimeout(ask, pause);
          else if (!source) last = heard ?? place;
          done();
        };
        const missed = listen('live=no&', (event) => {
          if (!source) last = event.place;
          onEvent(event);
        });
        missed.addEventListener('end', () => end(true));
        missed.onerror = () => end(false);
      })).catch(() => { isCatchingUp = false; });
    };
    const hear = ({ data: said }) => {
      if (said.kind) {
        if (isCatchingUp) heard = said.place;
        else if (!source) last = said.place;
        onEvent(said);
      } else if (said.ask) {
        if (source) tell();
      } else if (!source) {
        onState(said.isOpen);
        if (!isPast(last, said.leader)) catchUp(said.leader);
      }
    };

    // - isShown: takes the stream from the page that has it, which may be asleep.
    const take = (isShown) => {
      leave?.();
      let isOver = false;
      let release;
      const held = new Promise((done) => { release = done; });
      const waiting = new AbortController();
      leave = () => {
        isOver = true;
        release();
        waiting.abort();
        stop();
      };
      navigator.locks.request(name, isShown ? { steal: true } : { signal: waiting.signal }, () => {
        if (isOver) return undefined;
        lead();
        return held;
      }).catch((problem) => {
        if (isOver) return;
        stop();
        if (problem.name === 'AbortError') {
          take(false);
          ask();
        } else {
          isShared = false;
          lead();
        }
      });
    };

    const rest = () => (isShared ? leave() : stop());
    const restLater = () => { resting = setTimeout(rest, isShared ? patience.shared : patience.alone); };
    const begin = () => {
      if (document.hidden) restLater();
      if (!isShared) {
        lead();
        return;
      }
      channel = new BroadcastChannel(name);
      channel.onmessage = hear;
      take(!document.hidden);
      if (document.hidden) ask();
    };
    begin();
    addEventListener('pagehide', () => {
      clearTimeout(resting);
      rest();
      channel?.close();
      channel = undefined;
    });
    addEventListener('pageshow', ({ persisted }) => { if (persisted) begin(); });
    // A machine that slept does not know for minutes that its connection is gone: who comes back connects anew.
    let awake = Date.now();
    const wake = () => {
      if (document.hidden) return;
      const hasSlept = Date.now() - awake > 30 * seconds;
      awake = Date.now();
      if (source ? hasSlept : !isShared) lead();
      else if (!source && hasSlept) take(true);
    };
    setInterval(wake, seconds);
    document.addEventListener('visibilitychange', () => {
      clearTimeout(resting);
      if (document.hidden) {
        restLater();
        return;
      }
      if (isShared && !source) {
        awake = Date.now();
        take(true);
      }
      wake();
    });
    addEventListener('online', () => { if (source) lead(); });
  };
})();
