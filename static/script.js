// Runs before the first paint and sets the stored theme, so that nothing flashes.
// Everything that needs the page waits until it is loaded.
(() => {
  const root = document.documentElement
  const words = document.currentScript.dataset
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const wide = matchMedia('(min-width: 80rem)')
  const shown = () => root.dataset.theme || (dark.matches ? 'dark' : 'light')

  // Storage may be forbidden. Then the choice lasts only as long as the page.
  const stored = (...theme) => {
    try {
      return theme.length ? localStorage.setItem('theme', theme[0]) : localStorage.getItem('theme')
    } catch {}
  }

  const apply = theme => {
    root.dataset.theme = theme
    // The first of the two is for the light theme.
    document.querySelectorAll('meta[name=theme-color]').forEach((meta, nth) => {
      meta.media = nth === +(theme === 'dark') ? 'all' : 'not all'
    })
  }

  root.classList.add('js')
  if (/^(dark|light)$/.test(stored())) apply(stored())

  addEventListener('DOMContentLoaded', () => {
    const button = document.querySelector('.theme')
    const press = () => button?.setAttribute('aria-pressed', shown() === 'dark')
    button?.addEventListener('click', () => {
      const theme = shown() === 'dark' ? 'light' : 'dark'
      apply(theme)
      stored(theme)
      press()
    })
    dark.addEventListener('change', press)
    press()

    // The table of contents is open if it is beside the text, and closed if it is above it.
    const toc = document.querySelector('.toc')
    const unfold = () => toc && (toc.open = wide.matches)
    wide.addEventListener('change', unfold)
    unfold()

    for (const code of navigator.clipboard ? document.querySelectorAll('.code > pre > code') : []) {
      const copy = document.createElement('button')
      copy.type = 'button'
      copy.className = 'copy'
      copy.textContent = words.copy
      copy.ariaLive = 'polite'
      copy.addEventListener('click', async () => {
        await navigator.clipboard.writeText(code.textContent)
        copy.textContent = words.copied
        setTimeout(() => (copy.textContent = words.copy), 2000)
      })
      code.closest('.code').append(copy)
    }
  })
})()
