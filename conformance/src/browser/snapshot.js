// What a person sees in the document, bounded in size. Runs in an isolated world.
(() => {
    const LENGTH = 65536;
    const shown = (root) => {
        if (!root || !root.body) return '';
        // Laying out the text of a very long page would take seconds; its beginning is enough.
        const body = root.body;
        const size = body.textContent.length;
        let text = (size > 2000000 ? body.textContent : body.innerText).slice(0, LENGTH);
        for (const frame of root.querySelectorAll('iframe, frame')) {
            try { text += '\n' + shown(frame.contentDocument); } catch { /* another origin */ }
            if (text.length > LENGTH) break;
        }
        return text.slice(0, LENGTH);
    };
    const live = '[role=alert],[role=alertdialog],[role=status],[role=log],[aria-live]:not([aria-live=off]),output';
    const root = document.documentElement;
    return {
        title: document.title,
        language: root.lang || '',
        text: shown(document),
        announcements: [...document.querySelectorAll(live)].slice(0, 50)
            .map((element) => (element.innerText || '').trim().slice(0, 1000)).filter(Boolean),
        elements: document.getElementsByTagName('*').length,
        width: innerWidth,
        height: innerHeight,
        document_width: Math.ceil(root.scrollWidth),
    };
})()
