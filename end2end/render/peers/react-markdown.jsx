import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';

import { serveReact } from '../page/react-page.jsx';

const PLUGINS = [remarkGfm];

serveReact(({ children }) => <Markdown remarkPlugins={PLUGINS}>{children}</Markdown>);
