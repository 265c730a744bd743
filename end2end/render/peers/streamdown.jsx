/** As it comes: without the packages for highlighting, mathematics and diagrams. */
import { Streamdown } from 'streamdown';

import { serveReact } from '../page/react-page.jsx';

serveReact(({ children, grows }) => (
  <Streamdown mode={grows ? 'streaming' : 'static'} isAnimating={grows}>
    {children}
  </Streamdown>
));
